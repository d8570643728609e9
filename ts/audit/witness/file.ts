import { basename, dirname, join, relative, resolve, sep } from "node:path";

import { fail } from "../../base/errors.js";
import type { Files } from "../../base/powers.js";
import type { WitnessPowers } from "./witness.js";

const PRIVATE_FILE = 0o600;
/** Holds more than a note of ours; what witnesses of the file itself may add, we don't write. */
const TAIL_BYTES = 4096;

type Handle = Awaited<ReturnType<Files["open"]>>;

/**
 * Appends a note and an empty line to a file, which is made when missing; on disk when this
 * resolves. What a crash left of a note at its end is cut off first.
 *
 * Fails with `ASTRID_AUDIT_WITNESS` for a link, a special file, a second name of another, a file in
 * the home, and one that holds anything but notes; and as the system does.
 */
export async function appendNote(
  powers: Pick<WitnessPowers, "files" | "host">,
  { file, home, note }: { readonly file: string; readonly home: string; readonly note: string },
): Promise<void> {
  const { files, host } = powers;
  const given = resolve(host.workingFolder(), file);
  const folder = await files.realpath(dirname(given));
  if (isInside(folder, await files.realpath(home))) refuse("is in the kernel's own home");
  await using handle = await openFound(files, join(folder, basename(given)));
  const end = await endOfNotes(handle);
  const { size } = await handle.stat();
  if (end < size) await handle.truncate(end);
  const bytes = Buffer.from(`${note}\n`);
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, end + at);
      at += bytesWritten;
    }
    await handle.sync();
  } catch (error) {
    // Half a note would have to be cut off by the next; it may be the disk that is full.
    await handle.truncate(end).catch(() => undefined);
    throw error;
  }
}

/** Opens a regular file with one name, or makes it; nothing is written, and no link followed. */
async function openFound(files: Pick<Files, "lstat" | "open">, path: string): Promise<Handle> {
  const seen = await files.lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (seen === undefined) return files.open(path, "wx+", PRIVATE_FILE);
  if (!seen.isFile()) refuse("is not a regular file");
  const handle = await files.open(path, "r+");
  try {
    const opened = await handle.stat();
    if (opened.ino !== seen.ino || opened.dev !== seen.dev) refuse("changed while it was opened");
    if (opened.nlink !== 1) refuse("has more than one name");
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where the last whole note of a file ends; 0 for an empty one. */
async function endOfNotes(handle: Handle): Promise<number> {
  const { size } = await handle.stat();
  if (size === 0) return 0;
  const from = Math.max(0, size - TAIL_BYTES);
  const buffer = Buffer.alloc(TAIL_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, TAIL_BYTES, from);
  const tail = buffer.toString("latin1", 0, bytesRead);
  // An em dash as UTF-8 begins a signature line; the empty line behind the last ends the note.
  const last = [...tail.matchAll(/\n\u00e2\u0080\u0094 [^\n]+\n\n/g)].at(-1);
  if (last !== undefined) return from + last.index + last[0].length;
  if (from === 0 && "astrid-native/".startsWith(tail.slice(0, 14))) return 0;
  return refuse("holds something else than checkpoints");
}

function isInside(folder: string, home: string): boolean {
  const way = relative(home, folder);
  return way === "" || !(way === ".." || way.startsWith(`..${sep}`));
}

function refuse(why: string): never {
  return fail("ASTRID_AUDIT_WITNESS", why);
}
