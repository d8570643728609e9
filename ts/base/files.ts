import { type ErrorCode, fail } from "./errors.js";
import type { Files } from "./powers.js";

/** What one read may be, and how its refusal is named. */
export interface ReadBounds {
  /** The file in messages. */
  readonly what: string;
  readonly code: ErrorCode;
  /** Largest size, in bytes. */
  readonly bytesMax: number;
}

/** The calls that reading a file takes. */
export type ReadFiles = Pick<Files, "lstat" | "open">;

/**
 * The bytes of a regular file. Looks before it opens, as opening a pipe would wait for ever.
 *
 * Fails with `bounds.code` when the file is missing, a link, special or too large.
 */
export async function readRegular(
  files: ReadFiles,
  path: string,
  bounds: ReadBounds,
): Promise<Uint8Array> {
  const { what, code, bytesMax } = bounds;
  try {
    const seen = await files.lstat(path);
    if (!seen.isFile()) fail(code, `${what} is not a regular file`);
    await using handle = await files.open(path, "r");
    const opened = await handle.stat();
    if (!opened.isFile() || opened.ino !== seen.ino) fail(code, `${what} changed while read`);
    if (opened.size > bytesMax) fail(code, `${what} has more than ${bytesMax} bytes`);
    // One byte more than promised tells a file that grows.
    const buffer = new Uint8Array(opened.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    if (length > opened.size) fail(code, `${what} changed while read`);
    return buffer.subarray(0, length);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    if (reason === undefined || reason.startsWith("ASTRID_")) throw cause;
    return fail(code, `${what} can't be read (${reason})`, { cause });
  }
}
