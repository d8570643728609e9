import { join } from "node:path";

import type { Tree } from "../audit/checkpoint.js";
import type { AuditRecord, RecordOptions } from "../audit/query.js";
import { fail } from "../base/errors.js";
import { nodePowers, type Powers } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeKernel } from "../native.js";
import type { VerbKinds } from "../policy/grant.js";
import { makePlan } from "../policy/plan.js";
import { Port } from "../services/port.js";
import { Publications, type Published } from "../services/publications.js";
import { type Addon, nativeOptions, openAddon } from "./addon.js";
import { Approvals } from "./approvals.js";
import { Calls } from "./calls.js";
import { Capsule } from "./capsule.js";
import { Events } from "./events.js";
import { readGrants } from "./grants.js";
import { buildFolder, homePath } from "./home.js";
import { keeping } from "./keeping.js";
import { ownRecords } from "./log.js";
import {
  defaultInstances,
  type KernelOptions,
  type LoadOptions,
  type Planned,
  PRINCIPAL,
  settings,
  withinInstances,
  withinLimit,
} from "./options.js";
import { type Prepared, prepare } from "./prepare.js";
import { completeRights } from "./rights.js";
import { openSigning, type Signing } from "./signing.js";
import { openWorkspace, toNative } from "./workspace.js";

interface Parts extends Signing {
  readonly powers: Powers;
  readonly addon: Addon;
  readonly native: NativeKernel;
  readonly home: string;
  readonly port: Port;
  readonly calls: Calls;
  readonly publications: Publications;
  readonly instances: number;
}

/** One kernel: the capsules, stores and log of one home. Several may live in one process. */
export class Kernel {
  readonly #parts: Parts;
  readonly #events: Events;
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;
  /** What people approved for capsules of this home. */
  readonly approvals: Approvals;

  private constructor(parts: Parts) {
    const { powers, home, addon } = parts;
    this.#parts = parts;
    this.#events = new Events(parts.native);
    const taking = { powers, native: addon.native, events: this.#events };
    this.approvals = new Approvals(taking, join(home, "approvals"));
  }

  /**
   * Opens a kernel on its home, which is made when missing.
   *
   * Fails with `ASTRID_HOME`, `ASTRID_USAGE`, `ASTRID_UNSUPPORTED`, `ASTRID_AUDIT_CORRUPT`,
   * `ASTRID_AUDIT_KEY`.
   */
  static async open(options: KernelOptions = {}, powers: Powers = nodePowers()): Promise<Kernel> {
    const addon = openAddon(powers);
    const home = homePath(powers, options.home);
    const instances = withinLimit(
      "live-instances",
      options.instances ?? defaultInstances(powers.host.memoryBytes),
    );
    const publications = new Publications(options.onPublish);
    const calls = new Calls(powers.clock.awake());
    let wake = (): void => undefined;
    const native = await asking(() =>
      addon.native.openKernel(nativeOptions({ powers, addon, home, instances }), () => wake()),
    );
    const port = new Port({
      door: native,
      services: { "ipc.publish": publications.service, ...options.services },
      clock: powers.clock,
      onLine: options.onLine ?? (() => undefined),
      onProblem: options.onProblem ?? (() => undefined),
    });
    wake = () => {
      const batch = native.take();
      try {
        port.serve(batch);
      } finally {
        // Whatever a service does, callers learn how their calls ended.
        calls.settle(batch.ended);
      }
    };
    const parts = { powers, addon, native, home, port, calls, publications, instances };
    const signing = await openSigning(parts, options).catch(async (error) => {
      port.close();
      await native.close();
      throw error;
    });
    signing.checkpoints.start();
    return new Kernel({ ...parts, ...signing });
  }

  /** Absolute path of the home. */
  get home(): string {
    return this.#parts.home;
  }

  /** What stands for the keys that sign its log: keep it elsewhere, and verify the log with it. */
  get fingerprint(): string {
    return this.#parts.signer.fingerprint;
  }

  /** Whether the log's keys were made by this kernel, so that nobody knows the fingerprint yet. */
  get isFirst(): boolean {
    return this.#parts.signer.isNew;
  }

  /** The log when this kernel last looked, to be kept elsewhere; with all of it once closed. */
  get log(): Tree | undefined {
    return this.#parts.checkpoints.last;
  }

  /** The verbs that can be granted, with the kinds of their resources. */
  get kinds(): VerbKinds {
    return this.#parts.addon.kinds;
  }

  /**
   * Finds, and where needed builds, a capsule: a folder, a `.wasm` file, the name of a shipped
   * capsule, or a component's bytes. An unchanged one is not built again.
   *
   * Fails with `ASTRID_NOT_FOUND`, `ASTRID_MANIFEST`, `ASTRID_BUILD`, `ASTRID_NOT_A_COMPONENT`.
   */
  async prepare(source: string | Uint8Array): Promise<Prepared> {
    this.#checkOpen();
    const { powers, addon, home } = this.#parts;
    const preparing = { powers, addon, cacheFolder: buildFolder(home) };
    return this.#events.refusing({}, () => prepare(preparing, source));
  }

  /** What a capsule would get and lack. Fails with `ASTRID_GRANT`, `ASTRID_WORKSPACE`. */
  async plan(capsule: Prepared, options: LoadOptions = {}): Promise<Planned> {
    this.#checkOpen();
    const { powers, addon, home } = this.#parts;
    const flags = readGrants(addon, options.grants ?? []);
    const workspace =
      options.workspace === undefined
        ? undefined
        : await openWorkspace({ powers, native: addon.native }, options.workspace, home);
    const hasWorkspace = workspace !== undefined;
    const plan = makePlan({ requests: capsule.requests, flags, hasWorkspace, kinds: addon.kinds });
    return { capsule, plan, workspace };
  }

  /**
   * Loads a capsule with what its plan gives it.
   *
   * Fails as `prepare` and `plan`, with `ASTRID_GRANT_MISSING` when it asks for more than it was
   * granted, with `ASTRID_WORKSPACE` when its folder is another one than was planned and approved,
   * and with the codes of loading: `ASTRID_UNKNOWN_IMPORT`, `ASTRID_NO_HANDLER`,
   * `ASTRID_COMPILE`, `ASTRID_COMPILE_LIMIT`.
   */
  async load(source: string | Uint8Array | Prepared, options: LoadOptions = {}): Promise<Capsule> {
    const isRaw = typeof source === "string" || source instanceof Uint8Array;
    const capsule = isRaw ? await this.prepare(source) : source;
    const memoryMib = withinLimit("memory-mib", options.memoryMib);
    const idleInstances = withinInstances(options.idleInstances ?? 1, this.#parts.instances);
    const { principal = PRINCIPAL, approve } = options;
    const { planned, grants } = await this.#events.refusing({ capsule, principal }, async () => {
      const planned = await this.plan(capsule, options);
      const asking = { principal, approve, events: this.#events };
      return { planned, grants: await completeRights(planned, asking) };
    });
    const keep = await keeping(this.#parts, options.keep ?? []);
    const { native, powers, calls } = this.#parts;
    const { name, source: vouched, component } = capsule;
    const loaded = await asking(() =>
      native.load({
        component,
        name,
        source: vouched,
        principal,
        grants: grants.map((grant) => ({ ...grant, verdict: "allow" })),
        ...(planned.workspace === undefined ? {} : { workspace: toNative(planned.workspace) }),
        config: settings({ ...capsule.config, ...options.config }),
        memoryMib,
        idleInstances,
        ...keep,
      }),
    );
    return new Capsule({
      native,
      loaded,
      identity: { name, source: vouched },
      plan: planned.plan,
      random: powers.random,
      calls,
    });
  }

  /** What capsules publish from now on. Leave the loop when done: publishers wait for readers. */
  messages(): AsyncGenerator<Published, void, undefined> {
    this.#checkOpen();
    return this.#parts.publications.messages();
  }

  /** The records of the log that are wanted, written ones only, until the kernel closes. */
  records(options: RecordOptions = {}): AsyncGenerator<AuditRecord, void, undefined> {
    this.#checkOpen();
    const { signal: closed } = this.#closed;
    const signal =
      options.signal === undefined ? closed : AbortSignal.any([closed, options.signal]);
    return ownRecords(this.#parts, { ...options, signal });
  }

  /** Refuses new calls, waits for running ones and closes the log. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const { native, port, publications, checkpoints, witnesses } = this.#parts;
    this.#closed.abort();
    // A running call may wait for a reader that left.
    publications.close();
    try {
      // The last one stands for the record of the stop too.
      await checkpoints.around(() => asking(() => native.close()));
    } finally {
      await witnesses.settled();
      port.close();
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) fail("ASTRID_KERNEL_CLOSED", "the kernel was closed");
  }
}
