import { createHash } from "node:crypto";
import { dirname, extname, join, relative, sep } from "node:path";

import { type ReadFiles, readRegular } from "../../base/files.js";
import { BuildFailure, type InputFile } from "./job.js";

/** One source file, in bytes. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** All source files of one capsule, in bytes. */
const TOTAL_BYTES_MAX = 16 * 1024 * 1024;

const MODULE_TYPES = new Map([
  [".ts", "ts"],
  [".mts", "ts"],
  [".cts", "ts"],
  [".js", "js"],
  [".mjs", "js"],
  [".cjs", "js"],
  [".json", "json"],
] as const);

/** What the bundler may be given as a module. */
export type ModuleType = typeof MODULE_TYPES extends Map<string, infer Type> ? Type : never;

/** Whether a file of this name may be a module; a build that meets another one fails. */
export function isModuleName(name: string): boolean {
  return (MODULE_TYPES as ReadonlyMap<string, ModuleType>).has(extname(name));
}

/** A source file as the bundler takes it. */
export interface Source {
  readonly text: string;
  readonly type: ModuleType;
}

/** Reads the sources of one build and keeps account of them. */
export class Sources {
  readonly #files: ReadFiles;
  readonly #root: string;
  readonly #read = new Map<string, InputFile>();
  readonly #texts = new Map<string, string>();
  #bytes = 0;

  constructor(files: ReadFiles, root: string) {
    this.#files = files;
    this.#root = root;
  }

  /** The file's name for people: relative to the capsule's folder. */
  name(path: string): string {
    return relative(this.#root, path).split(sep).join("/");
  }

  /** The text of a file that was read; empty for others. */
  text(path: string): string {
    return this.#texts.get(path) ?? "";
  }

  /** The text and type of a module; fails when it is none, or too large. */
  async load(path: string): Promise<Source> {
    const type = (MODULE_TYPES as ReadonlyMap<string, ModuleType>).get(extname(path));
    const name = this.name(path);
    if (type === undefined) {
      throw new BuildFailure(`${name} is not a module`, [
        `a capsule is made of ${[...MODULE_TYPES.keys()].join(", ")} files`,
      ]);
    }
    const bytes = await readRegular(this.#files, path, {
      what: name,
      code: "ASTRID_BUILD",
      bytesMax: FILE_BYTES_MAX,
    });
    if (!this.#read.has(path)) this.#bytes += bytes.length;
    if (this.#bytes > TOTAL_BYTES_MAX) {
      throw new BuildFailure(`the sources have more than ${TOTAL_BYTES_MAX} bytes in all`);
    }
    const text = decode(bytes, name);
    this.#read.set(path, { path, sha256: sha256(bytes) });
    this.#texts.set(path, text);
    return { text, type };
  }

  /**
   * Every file that decided what was bundled: the modules, and each `package.json` that stands
   * above one of them, or could.
   */
  async inputs(): Promise<readonly InputFile[]> {
    const manifests = new Set<string>();
    for (const path of this.#read.keys()) {
      for (const folder of foldersAbove(path)) manifests.add(join(folder, "package.json"));
    }
    const packages = await Promise.all(
      [...manifests].map((path) => fingerprint(this.#files, path)),
    );
    return [...this.#read.values(), ...packages].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** The hash of a file as it is now; `null` if there is none that could be read. */
export async function fingerprint(files: ReadFiles, path: string): Promise<InputFile> {
  try {
    const bounds = { what: path, code: "ASTRID_BUILD", bytesMax: FILE_BYTES_MAX } as const;
    return { path, sha256: sha256(await readRegular(files, path, bounds)) };
  } catch {
    return { path, sha256: null };
  }
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function* foldersAbove(path: string): Generator<string> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BuildFailure(`${name} is not UTF-8`);
  }
}
