// Checkpoints as c2sp.org/tlog-checkpoint has them: origin, size and root in a signed note.
import { fail } from "../base/errors.js";
import { fromBase64Of, fromDecimal, fromHexOf, toBase64 } from "./encoding.js";
import { type Note, parseNote } from "./note.js";

/** What the first `size` records of a log are. */
export interface Tree {
  readonly size: bigint;
  /** Root of the tree over their hashes, 32 bytes. */
  readonly root: Uint8Array;
}

/** A tree of a log, and what was signed about it. */
export interface Checkpoint extends Tree {
  /** First line: which log, as `logName` writes it. */
  readonly name: string;
  readonly note: Note;
}

export const HASH_BYTES = 32;
const NAME_DIGITS = 32;

/** A log's name in notes; `origin` is 64 hexadecimal digits. */
export function logName(origin: string): string {
  return `astrid-native/${origin.slice(0, NAME_DIGITS)}`;
}

/** The name of a log's key of one epoch. */
export function epochName(origin: string, epoch: number): string {
  return `${logName(origin)}/epoch/${epoch}`;
}

/** What is signed about a tree. */
export function checkpointText(origin: string, { size, root }: Tree): string {
  return `${logName(origin)}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint of any log; nothing is verified. Fails with `ASTRID_AUDIT_NOTE`. */
export function parseCheckpoint(source: string): Checkpoint {
  const note = parseNote(source);
  const [name = "", digits = "", encoded = "", ...rest] = note.text.split("\n");
  const size = fromDecimal(digits);
  const root = fromBase64Of(encoded, HASH_BYTES);
  if (name === "" || size === undefined || root === undefined || rest.join() !== "") {
    return fail("ASTRID_AUDIT_NOTE", "a note that is no checkpoint");
  }
  return { name, size, root, note };
}

/** A tree as the addon says it. Fails with `ASTRID_INTERNAL`. */
export function treeOf(size: bigint, root: string): Tree {
  const bytes = fromHexOf(root, HASH_BYTES);
  if (bytes === undefined) return fail("ASTRID_INTERNAL", "the addon's root is no hash");
  return { size, root: bytes };
}
