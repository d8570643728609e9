import { hasCode, type SearchFiles } from "./files.js";
import { globFilter } from "./glob.js";
import type { Query } from "./input.js";
import { type Lines, type Matcher, matcher } from "./lines.js";
import { type Found, type Skipped, walk } from "./walk.js";

/** One matching line. */
export interface Match {
  /** `workspace://` and the path. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Where the first match of the line begins, in UTF-16 units from 1, as editors count. */
  readonly column: number;
  /** The line; of a line over 500 units, the part around the match. */
  readonly text: string;
  /** The lines before, when `context` asked for some; each cut at 500 units. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

/** What a search answers. */
export interface Answer {
  readonly matches: readonly Match[];
  /** Whether there are more matches than were answered. */
  readonly truncated: boolean;
  /** Files that were searched. */
  readonly files: number;
  readonly skipped: Skipped;
}

const ROOT = "workspace://";
/** Larger files are counted, not searched, in bytes: their text is held several times over. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** What one read may ask of the host, in bytes. */
const READ_BYTES = 1024 * 1024;
/** Where grep and git look for a NUL, in bytes. */
const BINARY_BYTES = 8192;
/** The whole answer as UTF-8, in bytes; a payload has 1 MiB. */
const ANSWER_BYTES_MAX = 900_000;
const SHOWN_LENGTH = 500;
const SHOWN_BEFORE = 100;

/** Searches the workspace; throws an `InputError` where the query can't be searched for. */
export function search(files: SearchFiles, query: Query): Answer {
  const isWanted = globFilter(query.globs);
  const match = matcher(query);
  const skipped: Skipped = { ignored: 0, binary: 0, large: 0, unreadable: 0 };
  const collected = new Collected(query);
  let searched = 0;
  for (const found of walk(files, query, skipped)) {
    if (!isWanted(found.path)) continue;
    const bytes = content(files, found, skipped);
    if (bytes === undefined) continue;
    searched += 1;
    collected.add(found.path, linesOf(match, bytes));
    if (collected.isFull) break;
  }
  return { matches: collected.matches, truncated: collected.isFull, files: searched, skipped };
}

function linesOf(match: Matcher, bytes: Uint8Array): Lines | undefined {
  return bytes.length === 0 ? undefined : match(bytes);
}

/** The bytes of a file that is to be searched; counts it where it is not. */
function content(files: SearchFiles, found: Found, skipped: Skipped): Uint8Array | undefined {
  if (found.size > FILE_BYTES_MAX) {
    skipped.large += 1;
    return undefined;
  }
  try {
    using file = files.open(ROOT + found.path);
    const first = file.read(0, READ_BYTES);
    if (first.subarray(0, BINARY_BYTES).includes(0)) {
      skipped.binary += 1;
      return undefined;
    }
    if (first.length < READ_BYTES) return first;
    const all = new Uint8Array(FILE_BYTES_MAX);
    all.set(first);
    for (let length = first.length; ; ) {
      const chunk = file.read(length, Math.min(READ_BYTES, FILE_BYTES_MAX - length));
      all.set(chunk, length);
      length += chunk.length;
      if (chunk.length === 0 || length === FILE_BYTES_MAX) return all.subarray(0, length);
    }
  } catch (error) {
    const isExpected = hasCode(
      error,
      "ASTRID_DENIED",
      "ASTRID_IO",
      "ASTRID_NOT_A_FILE",
      "ASTRID_NOT_FOUND",
    );
    if (!isExpected) throw error;
    skipped.unreadable += 1;
    return undefined;
  }
}

/** Matches up to the query's limit and the size of an answer. */
class Collected {
  readonly matches: Match[] = [];
  readonly #query: Query;
  #bytes = 0;
  isFull = false;

  constructor(query: Query) {
    this.#query = query;
  }

  add(path: string, lines: Lines | undefined): void {
    for (let index = 0; index < (lines?.count ?? 0) && lines !== undefined; index++) {
      const at = lines.find(index);
      if (at < 0) continue;
      const match = this.#match(path, lines, { index, at });
      this.#bytes += sizeOf(match);
      if (this.matches.length === this.#query.limit || this.#bytes > ANSWER_BYTES_MAX) {
        this.isFull = true;
        return;
      }
      this.matches.push(match);
    }
  }

  #match(path: string, lines: Lines, { index, at }: { index: number; at: number }): Match {
    const { context } = this.#query;
    const found = {
      path: ROOT + path,
      line: index + 1,
      column: at + 1,
      text: around(lines.text(index), at),
    };
    if (context === 0) return found;
    const range = (from: number, to: number): string[] => {
      const first = Math.max(0, from);
      const length = Math.max(0, Math.min(lines.count, to) - first);
      return Array.from({ length }, (_, i) => lines.text(first + i).slice(0, SHOWN_LENGTH));
    };
    const before = range(index - context, index);
    return { ...found, before, after: range(index + 1, index + 1 + context) };
  }
}

function around(line: string, at: number): string {
  if (line.length <= SHOWN_LENGTH) return line;
  const start = Math.max(0, Math.min(at - SHOWN_BEFORE, line.length - SHOWN_LENGTH));
  return line.slice(start, start + SHOWN_LENGTH);
}

/** Upper bound of a match's JSON as UTF-8, in bytes. */
function sizeOf(match: Match): number {
  const json = JSON.stringify(match);
  return /[^\0-\x7f]/.test(json) ? json.length * 3 : json.length + 1;
}
