import { join } from "node:path";

import { type Files, nodePowers, type Powers } from "../../../ts/base/powers.js";
import { buildCapsule } from "../../../ts/capsule/build.js";

export const powers: Powers = nodePowers();

/** A capsule that does what its input says. */
const PROBE = `
import { defineCapsule } from "astrid-native/sdk";
import * as clock from "astrid-native/sdk/clock";
import * as fs from "astrid-native/sdk/fs";
import * as kv from "astrid-native/sdk/kv";
import * as log from "astrid-native/sdk/log";

const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (data) => data && String.fromCharCode(...data);
const deep = (n) => (n < 0 ? 0 : 1 + deep(n + 1));
const acts = {
  echo: ({ value }) => value,
  nothing: () => undefined,
  context: (_, context) => context,
  log: ({ text }) => log.info(text),
  read: ({ path }) => text(fs.readFile(path)),
  write: ({ path, text }) => fs.writeFile(path, bytes(text)),
  tryReads: ({ paths }) => paths.map((path) => {
    try { return text(fs.readFile(path)); } catch (e) { return e.code; }
  }),
  set: ({ key, text }) => kv.set(key, bytes(text)),
  get: ({ key }) => text(kv.get(key)),
  spin: () => { for (;;); },
  sleep: async ({ ms }) => { log.info("asleep"); await clock.sleep(ms); },
  recurse: () => deep(0),
  grow: () => { const all = []; for (;;) all.push({ a: all.length }); },
  fail: ({ code, message }) => { throw Object.assign(new Error(message), { code }); },
};
export default defineCapsule({ handle: (input, context) => acts[input.do](input, context) });
`;

const PUBLISHER = `
import { defineCapsule } from "astrid-native/sdk";
import { publish } from "astrid-native/sdk/ipc";

export default defineCapsule({
  async handle({ topic, value, times = 1 }) {
    for (let i = 0; i < times; i++) await publish(topic, value);
  },
});
`;

/** What every probe's manifest asks for, beside what its test adds. */
const PROBE_GRANTS = [
  '"log.write" = true',
  '"clock.read" = true',
  '"kv.read" = ["*"]',
  '"kv.write" = ["*"]',
] as const;

/** Grants that make the probe's world whole. */
const FILES = '"fs.read" = ["tmp://**", "workspace://**"]';

const built = new Map<string, Promise<Uint8Array>>();

/** The component of a source, built once in a test file. */
function component(source: string, grants: readonly string[]): Promise<Uint8Array> {
  const known = built.get(source) ?? build(source, grants);
  built.set(source, known);
  return known;
}

async function build(source: string, grants: readonly string[]): Promise<Uint8Array> {
  await using scene = await Scene.make();
  await scene.write("source/Capsule.toml", manifest("probe", 'source = "index.js"', grants));
  await scene.write("source/index.js", source);
  return (await buildCapsule(powers, scene.path("source"))).component;
}

export function manifest(name: string, what: string, grants: readonly string[]): string {
  const head = `manifest = 1\nname = "${name}"\nversion = "0.1.0"\n${what}\n`;
  return `${head}[grants]\n${grants.join("\n")}\n`;
}

/** A folder with a home, a workspace and capsules, as long as its test. */
export class Scene implements AsyncDisposable {
  readonly #files: Files = powers.files;
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  static async make(): Promise<Scene> {
    const { files, host } = powers;
    const root = await files.realpath(await files.mkdtemp(join(host.temporaryFolder, "astrid-")));
    const scene = new Scene(root);
    await files.mkdir(scene.workspace);
    return scene;
  }

  get home(): string {
    return this.path("home");
  }

  get workspace(): string {
    return this.path("workspace");
  }

  path(name: string): string {
    return join(this.#root, name);
  }

  async write(name: string, data: string | Uint8Array): Promise<string> {
    const path = this.path(name);
    await this.#files.mkdir(join(path, ".."), { recursive: true });
    await this.#files.writeFile(path, data);
    return path;
  }

  async read(name: string): Promise<string> {
    return this.#files.readFile(this.path(name), "utf8");
  }

  /** A folder with the probe, that asks for these grants too; by default it reads the workspace. */
  async probe(name = "probe", grants: readonly string[] = [FILES]): Promise<string> {
    const bytes = await component(PROBE, [...PROBE_GRANTS, FILES]);
    return this.#capsule(name, bytes, [...PROBE_GRANTS, ...grants]);
  }

  /** A folder with the publisher. */
  async publisher(): Promise<string> {
    const grants = ['"ipc.publish" = ["news.**"]'];
    return this.#capsule("publisher", await component(PUBLISHER, grants), grants);
  }

  async #capsule(name: string, bytes: Uint8Array, grants: readonly string[]): Promise<string> {
    await this.write(`${name}/Capsule.toml`, manifest(name, 'component = "probe.wasm"', grants));
    await this.write(`${name}/probe.wasm`, bytes);
    return this.path(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files.rm(this.#root, { recursive: true, force: true });
  }
}
