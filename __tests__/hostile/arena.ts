import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "@jest/globals";

import {
  type AuditRecord,
  type CallResult,
  type Capsule,
  Kernel,
  type KernelOptions,
  type LoadOptions,
} from "../../ts/index.js";
import { Scene } from "../ts/kernel/scene.js";
import { framed } from "./frame.js";

/** The hostile capsules, seen from dist/__tests__/hostile/. */
export const HOSTILE = fileURLToPath(new URL("../../../capsules/hostile", import.meta.url));

/** How a call ended, in two words: the outcome, and the code where it is not `done`. */
export type End = readonly [outcome: string, code?: string];

/** A kernel with a home and a workspace of its own, for one test file or one test. */
export class Arena implements AsyncDisposable {
  readonly #scene: Scene;
  readonly kernel: Kernel;

  private constructor(scene: Scene, kernel: Kernel) {
    this.#scene = scene;
    this.kernel = kernel;
  }

  static async open(options: KernelOptions = {}): Promise<Arena> {
    const scene = await Scene.make();
    const kernel = await Kernel.open({ home: scene.home, instances: 16, ...options });
    return new Arena(scene, kernel);
  }

  get home(): string {
    return this.#scene.home;
  }

  get workspace(): string {
    return this.#scene.workspace;
  }

  path(name: string): string {
    return this.#scene.path(name);
  }

  /** Loads a hostile capsule with all that its manifest asks for. */
  async load(name: string, options: LoadOptions = {}): Promise<Capsule> {
    const source = await sourceOf(name);
    return this.kernel.load(source, { workspace: this.workspace, approve: () => true, ...options });
  }

  /** The records of the log from this sequence on. */
  async records(from = 0n): Promise<AuditRecord[]> {
    const all: AuditRecord[] = [];
    for await (const record of this.kernel.records({ from })) all.push(record);
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kernel.close();
    await this.#scene[Symbol.asyncDispose]();
  }
}

/** The folder of a capsule with sources, or the component of a text. */
export async function sourceOf(name: string): Promise<string | Uint8Array> {
  const folder = join(HOSTILE, name);
  if (existsSync(join(folder, "src"))) return folder;
  return framed(await readFile(join(folder, "component.wat"), "utf8"));
}

/** The outcome of a call and its code. */
export function endOf(result: CallResult): End {
  return result.outcome === "done" ? ["done"] : [result.outcome, result.error.code];
}

/** Expects that the capsule answers an ordinary message: whatever came before did it no harm. */
export async function expectAlive(capsule: Capsule): Promise<void> {
  expect(await capsule.call({ do: "echo", value: 1 })).toMatchObject({ outcome: "done" });
}

/** Resident memory of this process, in MiB. */
export function residentMib(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}

/** How many descriptors this process holds. */
export async function descriptors(): Promise<number> {
  return (await readdir("/proc/self/fd")).length;
}

/** How many threads this process has. */
export async function threads(): Promise<number> {
  return (await readdir("/proc/self/task")).length;
}
