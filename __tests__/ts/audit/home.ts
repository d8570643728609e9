import { cp, readFile, truncate, writeFile } from "node:fs/promises";
import type { Anchor } from "../../../ts/audit/anchors.js";
import { parseFingerprint } from "../../../ts/audit/certificate.js";
import { type Kept, keptOf } from "../../../ts/audit/notes-file.js";
import { openLog, readChain } from "../../../ts/audit/open-log.js";
import { prove } from "../../../ts/audit/proof.js";
import { type Verified, verifyLog } from "../../../ts/audit/verify.js";
import type { Powers } from "../../../ts/base/powers.js";
import { openAddon } from "../../../ts/kernel/addon.js";
import { Kernel } from "../../../ts/kernel/kernel.js";
import { powers, Scene } from "../kernel/scene.js";

const { native } = openAddon(powers);
const HOUR_MS = 3_600_000;
const HEADER_BYTES = 88;

/** A real home with a log: each start and stop of a kernel adds two records and a checkpoint. */
export class Home implements AsyncDisposable {
  readonly scene: Scene;
  readonly folder: string;
  /** How far its clock is ahead. */
  aheadMs = 0;

  constructor(scene: Scene, name = "home") {
    this.scene = scene;
    this.folder = scene.path(name);
  }

  static async make(starts = 0): Promise<Home> {
    const home = new Home(await Scene.make());
    for (let i = 0; i < starts; i++) await home.start();
    return home;
  }

  get powers(): Powers {
    const wallMs = (): number => powers.clock.wallMs() + this.aheadMs;
    return { ...powers, clock: { ...powers.clock, wallMs } };
  }

  /** Starts and stops a kernel; its fingerprint. */
  async start(): Promise<string> {
    await using kernel = await Kernel.open({ home: this.folder, instances: 1 }, this.powers);
    return kernel.fingerprint;
  }

  /** As `start`, an epoch later: the one that was ends, and a next begins. */
  async startLater(): Promise<string> {
    this.aheadMs += 2 * HOUR_MS;
    return this.start();
  }

  path(name: string): string {
    return `${this.folder}/audit/${name}`;
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  /** Another place with the same files. */
  async copy(name: string): Promise<Home> {
    const copy = new Home(this.scene, name);
    await cp(this.folder, copy.folder, { recursive: true });
    copy.aheadMs = this.aheadMs;
    return copy;
  }

  /** The checkpoints as texts, in order. */
  async notes(): Promise<string[]> {
    const text = await this.read("checkpoints");
    return text
      .split(/\n\n(?=astrid-native|$)/)
      .slice(0, -1)
      .map((note) => `${note}\n`);
  }

  async kept(at = -1): Promise<Kept> {
    return keptOf(Buffer.from((await this.notes()).at(at) ?? ""));
  }

  /** Keeps only the first records of the only segment. */
  async cut(records: number): Promise<void> {
    const bytes = await readFile(this.path("segment-00000001.log"));
    let end = HEADER_BYTES;
    for (let i = 0; i < records; i++) end += 4 + (bytes.readUInt32LE(end) & 0xffffff) + 32;
    await truncate(this.path("segment-00000001.log"), end);
  }

  /** Verifies it with what was kept. */
  async verify(anchors: readonly Anchor[] = [], fingerprint?: string): Promise<Verified> {
    const log = await openLog(powers, native, this.folder);
    const chain = await readChain(powers, this.folder);
    const pin = fingerprint === undefined ? undefined : parseFingerprint(fingerprint);
    return verifyLog(log, { chain, anchors, fingerprint: pin });
  }

  /** A proof of each record that the last checkpoint covers. */
  async proofs(): Promise<string[]> {
    const log = await openLog(powers, native, this.folder);
    const chain = await readChain(powers, this.folder);
    if (chain === undefined) throw new Error("nobody signed");
    const kept = await this.kept();
    const all = Array.from({ length: Number(kept.size) }, (_, at) => BigInt(at + 1));
    return Promise.all(all.map((sequence) => prove(log, chain, { sequence, kept })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}
