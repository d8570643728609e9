import type { File as HostFile } from "astrid:capsule/fs@0.1.0";

import { bytes, count, whole } from "./arguments.js";
import { AstridGuestError, call, type HostFuture, settled } from "./error.js";

/** Kind, size in bytes, and time in microseconds since 1970. */
export interface Attributes {
  readonly kind: "file" | "directory";
  readonly size: number;
  readonly modified: number;
}

/** Largest read or write, in bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** An open file; closed by `using`, by `close()`, and when its message ends. */
export class File implements Disposable {
  #open: HostFile | undefined;

  /** @internal Files come from `astrid-native/sdk/fs`. */
  constructor(host: HostFile) {
    this.#open = host;
  }

  get #host(): HostFile {
    if (this.#open === undefined) throw new AstridGuestError("ASTRID_CLOSED", "it was closed");
    return this.#open;
  }

  /** Up to `length` bytes (at most 1 MiB) from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Uint8Array {
    return call(() => this.#host.read(whole(offset, "offset"), count(length, "length")));
  }

  /** All bytes. Fails with `E_TOO_LARGE` when there are more than `bytesMax`. */
  readAll(bytesMax: number): Uint8Array {
    const { size } = this.stat();
    if (size > bytesMax) throw new AstridGuestError("E_TOO_LARGE", `more than ${bytesMax} bytes`);
    if (size <= CHUNK_BYTES) return this.read(0, size);
    const all = new Uint8Array(size);
    for (let offset = 0; offset < size; ) {
      const chunk = this.read(offset, Math.min(CHUNK_BYTES, size - offset));
      if (chunk.length === 0) return all.subarray(0, offset);
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  /** Writes all of `data` (at most 1 MiB) at `offset`. */
  write(offset: number, data: Uint8Array): void {
    call(() => this.#host.write(whole(offset, "offset"), bytes(data, "data")));
  }

  /** Writes all of `data` from the beginning, whatever its length. */
  writeAll(data: Uint8Array): void {
    const all = bytes(data, "data");
    for (let offset = 0; offset < all.length; offset += CHUNK_BYTES) {
      this.write(offset, all.subarray(offset, offset + CHUNK_BYTES));
    }
  }

  /** Writes all of `data` at the end, in one step; the offset it landed on. */
  append(data: Uint8Array): number {
    return call(() => this.#host.append(bytes(data, "data")));
  }

  /** Cuts or extends with zeros to `size` bytes. */
  truncate(size: number): void {
    call(() => this.#host.truncate(whole(size, "size")));
  }

  /** Returns when all that was written is on disk. */
  sync(): void {
    call(() => this.#host.sync());
  }

  /** Kind, size and time of this open file. */
  stat(): Attributes {
    return call(() => this.#host.stat());
  }

  /** The bytes from `offset` to the end in chunks, read from now on; throws where that failed. */
  stream(offset = 0): AsyncGenerator<Uint8Array> {
    const [chunks, end] = call(() => this.#host.readStream(whole(offset, "offset")));
    return drained(chunks, end);
  }

  /** Writes the chunks at `offset`; resolves with the bytes written, or fails as the source. */
  async writeFrom(offset: number, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    const failures: unknown[] = [];
    const source = checked(chunks, failures);
    const end = call(() => this.#host.writeStream(whole(offset, "offset"), source));
    const written = await settled(end);
    if (failures.length > 0) throw failures[0];
    return written;
  }

  /** Closes the file; once is enough, twice does nothing. */
  close(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    const open = this.#open;
    this.#open = undefined;
    open?.[Symbol.dispose]();
  }
}

/** What the host streams; its failure is thrown where the chunks end. */
async function* drained(
  chunks: AsyncIterable<Uint8Array>,
  end: HostFuture<void>,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  await settled(end);
}

/** The host sees only that a source ended; how it failed is kept for the caller. */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  failures: unknown[],
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of chunks) yield bytes(chunk, "each chunk");
  } catch (error) {
    failures.push(error);
  }
}
