import { join } from "node:path";

import { fail } from "../base/errors.js";
import { limit } from "../base/limits.js";
import type { Files } from "../base/powers.js";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.js";
import { fromUtf8 } from "./encoding.js";
import { auditFolder } from "./signer.js";

/** A checkpoint as it stands in a file. */
export interface Kept extends Checkpoint {
  readonly source: string;
}

const CHUNK_BYTES = 65_536;

/** The file of a home's checkpoints. */
export function checkpointsPath(home: string): string {
  return join(auditFolder(home), "checkpoints");
}

/**
 * All checkpoints of a file, in order; nothing is verified, and an unfinished last one is not there
 * yet. Holds one at a time. None if there is no file. Fails with `ASTRID_AUDIT_NOTE`.
 */
export async function* readCheckpoints(
  files: Pick<Files, "open" | "lstat">,
  path: string,
  from = 0,
): AsyncGenerator<Kept, void, undefined> {
  const seen = await files.lstat(path).catch(() => undefined);
  if (seen === undefined) return;
  if (!seen.isFile()) fail("ASTRID_AUDIT_NOTE", "checkpoints is not a regular file");
  await using handle = await files.open(path, "r");
  let rest = Buffer.alloc(0);
  for (let position = from; ; ) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = endOfNote(rest); end > 0; end = endOfNote(rest)) {
      yield keptOf(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > limit("audit-note-bytes")) fail("ASTRID_AUDIT_NOTE", "a checkpoint too long");
  }
}

/** The notes in a file that was kept: each ends with an empty line, the last with the file too. */
export function splitNotes(bytes: Buffer): Buffer[] {
  const notes: Buffer[] = [];
  let rest = bytes;
  for (let end = endOfNote(rest); end > 0; end = endOfNote(rest)) {
    notes.push(rest.subarray(0, end));
    rest = rest.subarray(end + 1);
  }
  return rest.length > 0 || notes.length === 0 ? [...notes, rest] : notes;
}

/** Reads a checkpoint that stands alone. Fails with `ASTRID_AUDIT_NOTE`. */
export function keptOf(bytes: Uint8Array): Kept {
  const source = fromUtf8(bytes) ?? fail("ASTRID_AUDIT_NOTE", "a checkpoint that is no text");
  return { ...parseCheckpoint(source), source };
}

/** The last checkpoint of a file, or none. Fails with `ASTRID_AUDIT_NOTE`. */
export async function lastCheckpoint(
  files: Pick<Files, "open" | "lstat">,
  path: string,
): Promise<Kept | undefined> {
  let last: Kept | undefined;
  const from = await lateNote(files, path);
  for await (const kept of readCheckpoints(files, path, from)) last = kept;
  return last;
}

/** Where some note begins near the end of a file: two of the longest before it. */
async function lateNote(files: Pick<Files, "open" | "lstat">, path: string): Promise<number> {
  const { size } = await files.lstat(path).catch(() => ({ size: 0 }));
  const from = size - 2 * limit("audit-note-bytes");
  if (from <= 0) return 0;
  await using handle = await files.open(path, "r");
  const window = Buffer.alloc(2 * limit("audit-note-bytes"));
  const { bytesRead } = await handle.read(window, 0, window.length, from);
  const text = window.toString("latin1", 0, bytesRead);
  // An empty line before signatures is one inside of a note.
  const [separator] = text.matchAll(/\n\n(?=astrid-native\/)/g);
  return separator === undefined ? from : from + separator.index + 2;
}

/** Length of the first note: its text, an empty line, its signatures; an empty line ends it. */
function endOfNote(bytes: Buffer): number {
  const text = bytes.indexOf("\n\n");
  const signatures = text < 0 ? -1 : bytes.indexOf("\n\n", text + 2);
  return signatures < 0 ? -1 : signatures + 1;
}
