import * as host from "astrid:capsule/fs@0.1.0";

import { bytes, text } from "./arguments.js";
import { callOn } from "./error.js";
import { type Attributes, File } from "./file.js";

export { type Attributes, File } from "./file.js";

/** How a file is opened; `read` alone by default. */
export interface Mode {
  readonly read?: boolean;
  readonly write?: boolean;
  /** Make the file if it is missing (needs `write`). */
  readonly create?: boolean;
  /** Fail with `ASTRID_EXISTS` if it is there (needs `create`). */
  readonly exclusive?: boolean;
  /** Cut it to nothing (needs `write`). */
  readonly truncate?: boolean;
}

/** One entry of a directory. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly size: number;
}

/** Largest page, in entries. */
const PAGE_ENTRIES = 1000;

/** Opens a file; close it with `using` or `close()`, or its message does. */
export function open(path: string, mode: Mode = { read: true }): File {
  return new File(on(path, (checked) => host.open(checked, { ...mode })));
}

/** Kind, size and time of a file or directory; needs `fs.read`. */
export function stat(path: string): Attributes {
  return on(path, host.stat);
}

/** The entries of a directory, in byte order of their names; needs `fs.read`. */
export function* list(path: string): Generator<Entry> {
  let after: string | null = null;
  do {
    const page: host.Page = listPage(path, after);
    yield* page.entries;
    after = page.next;
  } while (after !== null);
}

function listPage(path: string, after: string | null): host.Page {
  return on(path, (checked) => host.list(checked, after, PAGE_ENTRIES));
}

/** All bytes of a file; needs `fs.read`. Fails with `E_TOO_LARGE` over `bytesMax` bytes. */
export function readFile(path: string, bytesMax = 16 * 1024 * 1024): Uint8Array {
  using file = open(path);
  return file.readAll(bytesMax);
}

/** Makes a file of these bytes, or replaces what is in it; needs `fs.write`. */
export function writeFile(path: string, data: Uint8Array): void {
  // Before the file is cut: nothing is lost for an argument of the wrong type.
  const all = bytes(data, "data");
  using file = open(path, { write: true, create: true, truncate: true });
  file.writeAll(all);
}

/** Makes one directory; needs `fs.write`. */
export function createDirectory(path: string): void {
  on(path, host.createDirectory);
}

/** Removes a file or an empty directory, or with `recursive` all below; needs `fs.write`. */
export function remove(path: string, options: { readonly recursive?: boolean } = {}): void {
  on(path, (checked) => host.remove(checked, options.recursive === true));
}

/** Moves within one root, replacing a file at `to`; needs both verbs on `from`, one on `to`. */
export function rename(from: string, to: string): void {
  onBoth(from, to, host.rename);
}

/** Copies a file, or a directory with `recursive`, to a new name; needs both verbs. */
export function copy(
  from: string,
  to: string,
  options: { readonly recursive?: boolean } = {},
): void {
  onBoth(from, to, (a, b) => host.copy(a, b, options.recursive === true));
}

function on<T>(path: string, act: (checked: string) => T): T {
  const checked = text(path, "path");
  return callOn(checked, () => act(checked));
}

function onBoth<T>(from: string, to: string, act: (from: string, to: string) => T): T {
  const [source, target] = [text(from, "from"), text(to, "to")];
  return callOn(`${source} to ${target}`, () => act(source, target));
}
