import { latin1 } from "./bytes.js";
import { type Entry, hasCode, type SearchFiles } from "./files.js";
import { type IgnoreFile, isIgnored, parseIgnore } from "./ignore.js";
import { InputError, type Query } from "./input.js";

/** A file to search; its path has components joined by `/`, without the root. */
export interface Found {
  readonly path: string;
  readonly size: number;
}

/** What was left out, in entries. */
export interface Skipped {
  /** Named by a `.gitignore`; a folder counts once. */
  ignored: number;
  /** With a NUL in its first 8 KiB. */
  binary: number;
  /** Over the size that is searched. */
  large: number;
  /** Refused, gone, or not readable; a folder counts once. */
  unreadable: number;
}

const ROOT = "workspace://";
/** Version control keeps its own data there. */
const REPOSITORIES: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".jj"]);
/** Larger lists of rules are not read. */
const IGNORE_BYTES_MAX = 1024 * 1024;
/** Folders below folders; the host bounds paths, and so this. */
const DEPTH_MAX = 128;

/** The files below the query's path, in byte order of their components. */
export function* walk(files: SearchFiles, query: Query, skipped: Skipped): Generator<Found> {
  const start = query.path.join("/");
  const { kind, size } = startOf(files, start);
  const ignores: IgnoreFile[] = [];
  if (query.respectGitignore) {
    let folder = "";
    for (const name of query.path) {
      ignores.push(...ignoreFile(files, folder));
      folder += `${name}/`;
    }
  }
  // What is named is searched, even if it is ignored.
  if (kind === "file") yield { path: start, size };
  else yield* below({ files, query, skipped }, start === "" ? "" : `${start}/`, ignores);
}

function startOf(files: SearchFiles, path: string): { kind: "file" | "directory"; size: number } {
  if (path === "") return { kind: "directory", size: 0 };
  try {
    return files.stat(ROOT + path);
  } catch (error) {
    if (!hasCode(error, "ASTRID_NOT_FOUND", "ASTRID_INVALID", "ASTRID_NOT_A_FILE")) throw error;
    throw new InputError(`there is no ${ROOT}${path}`);
  }
}

interface Walk {
  readonly files: SearchFiles;
  readonly query: Query;
  readonly skipped: Skipped;
}

function* below(
  walk: Walk,
  folder: string,
  outer: readonly IgnoreFile[],
  depth = 0,
): Generator<Found> {
  const { files, query, skipped } = walk;
  let entries: readonly Entry[];
  try {
    entries = Array.from(files.list(ROOT + folder.replace(/\/$/, "")));
  } catch (error) {
    // Where nothing can be listed at all, the answer is an error, not an empty list.
    if (depth === 0 || depth > DEPTH_MAX) throw error;
    skipped.unreadable += 1;
    return;
  }
  const hasIgnore = query.respectGitignore && entries.some(({ name }) => name === ".gitignore");
  const ignores = hasIgnore ? [...outer, ...ignoreFile(files, folder)] : outer;
  for (const { name, kind, size } of entries) {
    const isDirectory = kind === "directory";
    if (REPOSITORIES.has(name) || (!query.hidden && name.startsWith("."))) continue;
    const path = folder + name;
    if (isIgnored(ignores, path, isDirectory)) skipped.ignored += 1;
    else if (isDirectory) yield* below(walk, `${path}/`, ignores, depth + 1);
    else yield { path, size };
  }
}

/** The rules of a folder's `.gitignore`; none when there is none that can be read. */
function ignoreFile(files: SearchFiles, folder: string): readonly IgnoreFile[] {
  try {
    using file = files.open(`${ROOT}${folder}.gitignore`);
    return [parseIgnore(folder, latin1(file.read(0, IGNORE_BYTES_MAX)))];
  } catch {
    return [];
  }
}
