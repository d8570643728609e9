import { join } from "node:path";

import type { Powers } from "../../ts/base/powers.js";
import {
  type AuditRecord,
  type CallOptions,
  type CallResult,
  type Capsule,
  type Json,
  Kernel,
  type KernelOptions,
  type LoadOptions,
  type LogLine,
  type Prepared,
} from "../../ts/index.js";
import { powers, Scene } from "../ts/kernel/scene.js";

/** One call of the fixture `calls`, as its source says. */
export interface Step {
  readonly call?: string;
  readonly on?: string;
  readonly wait?: string;
  readonly args?: readonly unknown[];
  readonly as?: string;
}

/** What the fixture answers for a step. */
export interface Told {
  readonly value?: Json;
  readonly error?: {
    readonly name: string;
    readonly code: string;
    readonly message: string;
    readonly refusal: { verb: string; resource: string; number: number } | null;
  };
}

/** A right in few words: `fs.read=workspace://**`. */
type Right = string;

/** What a stage's capsule is loaded with. */
export interface Staging extends Pick<LoadOptions, "config" | "principal" | "memoryMib"> {
  /** In place of what its manifest asks for of these verbs. */
  readonly rights?: readonly Right[];
  /** Verbs that are left out. */
  readonly without?: readonly string[];
}

/** A kernel with a scene, and fixtures that were built once. */
export class Stage implements AsyncDisposable {
  readonly kernel: Kernel;
  readonly scene: Scene;
  readonly lines: LogLine[];
  readonly #prepared = new Map<string, Promise<Prepared>>();

  private constructor(kernel: Kernel, scene: Scene, lines: LogLine[]) {
    this.kernel = kernel;
    this.scene = scene;
    this.lines = lines;
  }

  static async open(options: KernelOptions = {}, given: Powers = powers): Promise<Stage> {
    const scene = await Scene.make();
    const lines: LogLine[] = [];
    const onLine = (line: LogLine): void => void lines.push(line);
    const whole = { home: scene.home, instances: 8, onLine, ...options };
    const kernel = await Kernel.open(whole, given);
    return new Stage(kernel, scene, lines);
  }

  /** A fixture of `fixtures/capsules`, built once. */
  prepared(fixture: string): Promise<Prepared> {
    const known = this.#prepared.get(fixture);
    if (known !== undefined) return known;
    const made = this.kernel.prepare(fixtureFolder(fixture));
    this.#prepared.set(fixture, made);
    return made;
  }

  /** Loads a fixture with what it asks for, changed as the staging says. */
  async load(fixture: string, staging: Staging = {}): Promise<Capsule> {
    const { rights = [], without = [], ...options } = staging;
    const prepared = await this.prepared(fixture);
    const given = rights.map(toGrant);
    const named = new Set([...given.map(({ verb }) => verb), ...without]);
    const requests = [...prepared.requests.filter(({ verb }) => !named.has(verb)), ...given];
    const { workspace } = this.scene;
    return this.kernel.load(
      { ...prepared, requests },
      { workspace, approve: () => true, ...options },
    );
  }

  /** The fixture `calls`, loaded. */
  async actor(staging: Staging = {}): Promise<Actor> {
    return new Actor(await this.load("calls", staging), this.kernel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kernel.close();
    await this.scene[Symbol.asyncDispose]();
  }
}

/** The fixture `calls`: does what it is told, one call after the other. */
export class Actor implements Disposable {
  readonly capsule: Capsule;
  readonly #kernel: Kernel;

  constructor(capsule: Capsule, kernel: Kernel) {
    this.capsule = capsule;
    this.#kernel = kernel;
  }

  /** One message with these steps. Throws unless it ends as `done`. */
  async run(steps: readonly Step[], options: CallOptions = {}): Promise<Acted> {
    const result = await this.capsule.call(steps as unknown as Json, options);
    if (result.outcome !== "done") {
      throw new Error(`${result.outcome}: ${result.error.code}: ${result.error.message}`);
    }
    return { told: result.output as unknown as Told[], result };
  }

  /** What one call gives. Throws what it throws. */
  async value(call: string, ...args: readonly unknown[]): Promise<Json | undefined> {
    const { told } = await this.run([{ call, args }]);
    if (told[0]?.error !== undefined) throw new Error(JSON.stringify(told[0].error));
    return told[0]?.value;
  }

  /** The code with which one call fails; `undefined` if it does not. */
  async code(call: string, ...args: readonly unknown[]): Promise<string | undefined> {
    const { told } = await this.run([{ call, args }]);
    return told[0]?.error?.code;
  }

  /** The records of one message, in order. */
  async records({ result }: Acted): Promise<AuditRecord[]> {
    const own: AuditRecord[] = [];
    for await (const record of this.#kernel.records()) own.push(record);
    const last = own.find(({ sequence }) => sequence === result.record);
    return own.filter(({ message }) => message !== undefined && message === last?.message);
  }

  [Symbol.dispose](): void {
    this.capsule.close();
  }
}

/** A message that ended as `done`. */
export interface Acted {
  readonly told: readonly Told[];
  readonly result: CallResult;
}

/** The values of all steps; the code in place of a value where one failed. */
export function outcomes({ told }: Acted): (Json | undefined)[] {
  return told.map(({ value, error }) => (error === undefined ? value : error.code));
}

function toGrant(right: Right): { verb: string; pattern: string } {
  const at = right.indexOf("=");
  return at < 0
    ? { verb: right, pattern: "" }
    : { verb: right.slice(0, at), pattern: right.slice(at + 1) };
}

/** The folder of a fixture, in the sources. */
export function fixtureFolder(name: string): string {
  return join(powers.host.packageFolder, "__tests__", "fixtures", "capsules", name);
}
