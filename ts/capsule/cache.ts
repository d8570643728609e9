import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { readRegular } from "../base/files.js";
import { limit } from "../base/limits.js";
import type { Files } from "../base/powers.js";
import { type InputFile, parseOurs } from "./build/job.js";
import { fingerprint, isModuleName, sha256 } from "./build/sources.js";
import { type BuildOptions, type BuildPowers, type Built, buildCapsule } from "./build.js";
import { INTERFACES } from "./grants.js";
import { readManifest } from "./manifest.js";

/** Entries below one capsule's folder; a folder with more is built anew each time. */
const TREE_ENTRIES_MAX = 50_000;
const ENTRY_BYTES_MAX = 8 * 1024 * 1024;

/** What is kept beside a built component. */
interface Entry {
  readonly tools: string;
  readonly tree: string;
  readonly inputs: readonly InputFile[];
  readonly component: string;
  readonly worldWit: string;
  readonly warnings: readonly string[];
}

/** Options of a cached build. */
export interface CachedBuildOptions extends BuildOptions {
  /** An existing folder of the kernel's own, that no capsule can reach. */
  readonly cacheFolder: string;
}

/** A build, and whether it was found in the cache. */
export type CachedBuild = Built & { readonly isCached: boolean };

/**
 * `buildCapsule`, but for a capsule whose files are what they were. Compared are the hash of every
 * file that was read, the names of all that may be a module in the folder (as a new one can change
 * where an import leads), the tools, and the component's own hash.
 *
 * Fails as `buildCapsule` does.
 */
export async function buildCached(
  powers: BuildPowers,
  folder: string,
  options: CachedBuildOptions,
): Promise<CachedBuild> {
  const { files, host, clock } = powers;
  const startMs = clock.monotonicMs();
  const real = await files.realpath(folder).catch(() => folder);
  const place = join(options.cacheFolder, sha256(real));
  const tools = await toolsDigest(files, host.packageFolder);
  const tree = await treeDigest(files, real);
  const found = await read(files, place).catch(() => undefined);
  if (found !== undefined && (await isCurrent(files, found.entry, { tools, tree }))) {
    const { manifest } = await readManifest(files, real);
    const { worldWit, warnings, inputs } = found.entry;
    const ms = clock.monotonicMs() - startMs;
    return { manifest, component: found.component, worldWit, warnings, inputs, ms, isCached: true };
  }
  const built = await buildCapsule(powers, folder, options);
  if (tree !== undefined && built.manifest.source !== undefined) {
    // A cache that can't be written (a full disk) costs the next build's time, nothing else.
    await write(files, place, { built, tools, tree }).catch(() => undefined);
  }
  return { ...built, isCached: false };
}

async function isCurrent(
  files: Files,
  entry: Entry,
  now: { readonly tools: string; readonly tree: string | undefined },
): Promise<boolean> {
  if (entry.tools !== now.tools || entry.tree !== now.tree) return false;
  for (const input of entry.inputs) {
    if ((await fingerprint(files, input.path)).sha256 !== input.sha256) return false;
  }
  return true;
}

async function read(
  files: Files,
  place: string,
): Promise<{ entry: Entry; component: Uint8Array } | undefined> {
  const bounds = { what: "the build cache", code: "ASTRID_IO" } as const;
  const text = await readRegular(files, `${place}.json`, { ...bounds, bytesMax: ENTRY_BYTES_MAX });
  const bytesMax = limit("component-bytes");
  const component = await readRegular(files, `${place}.wasm`, { ...bounds, bytesMax });
  const entry = parseOurs<Entry>(text, bounds.what);
  return entry.component === sha256(component) ? { entry, component } : undefined;
}

interface Fresh {
  readonly built: Built;
  readonly tools: string;
  readonly tree: string;
}

/** The component first: an entry names its hash, so that halves of two builds never meet. */
async function write(files: Files, place: string, { built, tools, tree }: Fresh): Promise<void> {
  const { component, worldWit, warnings, inputs } = built;
  const entry: Entry = { tools, tree, inputs, component: sha256(component), worldWit, warnings };
  for (const [ending, data] of [
    ["wasm", component],
    ["json", JSON.stringify(entry)],
  ] as const) {
    const temporary = `${place}.${ending}.${sha256(component).slice(0, 16)}`;
    try {
      await files.writeFile(temporary, data);
      await files.rename(temporary, `${place}.${ending}`);
    } finally {
      await files.rm(temporary, { force: true });
    }
  }
}

/** The versions of what builds, and the contract it builds for. */
async function toolsDigest(files: Files, packageFolder: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const versions = ["componentize-qjs", "rolldown"].map((name) => {
    const { version } = require(`${name}/package.json`) as { version: string };
    return `${name}@${version}`;
  });
  const ours = ["package.json", ...["types", "handler", ...INTERFACES].map((n) => `wit/${n}.wit`)];
  const hashes = await Promise.all(
    ours.map(async (name) => (await fingerprint(files, join(packageFolder, name))).sha256),
  );
  return sha256(JSON.stringify([versions, hashes]));
}

/**
 * A hash of the names below a folder that an import may lead to; none when there are too many. An
 * import that leads to another plain file fails, so such a file can't change what is built: a
 * component, a README, what git keeps. A link may lead to a module, whatever its own name.
 */
async function treeDigest(files: Files, root: string): Promise<string | undefined> {
  const names: string[] = [];
  const folders = [root];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await files.readdir(folder, { withFileTypes: true }).catch(() => [])) {
      seen += 1;
      if (seen > TREE_ENTRIES_MAX) return undefined;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (!entry.isFile()) names.push(`o${relative(root, path)}`);
      else if (isModuleName(entry.name)) names.push(`f${relative(root, path)}`);
    }
  }
  return sha256(JSON.stringify(names.sort()));
}
