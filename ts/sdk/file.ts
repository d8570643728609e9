import type { File as HostFile } from "astrid:capsule/fs@0.1.0";

import { AstridGuestError, call, settled } from "./error.js";
import type { Attributes } from "./fs.js";

/** Largest read or write, in bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** An open file; closed by `using`, by `close()`, and when its message ends. */
export class File implements Disposable {
  readonly #host: HostFile;

  constructor(host: HostFile) {
    this.#host = host;
  }

  /** Up to `length` bytes (at most 1 MiB) from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Uint8Array {
    return call(() => this.#host.read(offset, length));
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
    call(() => this.#host.write(offset, data));
  }

  /** Writes all of `data` from the beginning, whatever its length. */
  writeAll(data: Uint8Array): void {
    for (let offset = 0; offset < data.length; offset += CHUNK_BYTES) {
      this.write(offset, data.subarray(offset, offset + CHUNK_BYTES));
    }
  }

  /** Writes all of `data` at the end, in one step; the offset it landed on. */
  append(data: Uint8Array): number {
    return call(() => this.#host.append(data));
  }

  /** Cuts or extends with zeros to `size` bytes. */
  truncate(size: number): void {
    call(() => this.#host.truncate(size));
  }

  /** Returns when all that was written is on disk. */
  sync(): void {
    call(() => this.#host.sync());
  }

  /** Kind, size and time of this open file. */
  stat(): Attributes {
    return call(() => this.#host.stat());
  }

  /** The bytes from `offset` to the end in chunks; throws where the reading failed. */
  async *stream(offset = 0): AsyncGenerator<Uint8Array> {
    const [chunks, end] = call(() => this.#host.readStream(offset));
    yield* chunks;
    await settled(end);
  }

  /** Writes the chunks at `offset`; resolves with the bytes written. */
  async writeFrom(offset: number, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    return settled(call(() => this.#host.writeStream(offset, chunks)));
  }

  /** Closes the file; once is enough, twice does nothing. */
  close(): void {
    this[Symbol.dispose]();
  }

  #isClosed = false;

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host[Symbol.dispose]();
  }
}
