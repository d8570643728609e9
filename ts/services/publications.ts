import { fail } from "../base/errors.js";
import { type Json, parseJson } from "../base/json.js";
import { limit } from "../base/limits.js";
import type { Service, ServiceCall } from "./service.js";

/** A message that a capsule published. */
export interface Published {
  readonly topic: string;
  readonly payload: Json;
  /** Who published, as `name@source`. */
  readonly capsule: string;
  readonly principal: string;
  /** Correlation id of the message during which it was published. */
  readonly message: string;
}

/** Is told of each published message; the publisher waits for its promise. */
export type PublishListener = (published: Published) => void | Promise<void>;

/**
 * Hands what capsules publish to whoever reads it. A reader that falls `subscriber-messages` or
 * `subscriber-bytes` behind makes publishers wait, until they give up with `ASTRID_DEADLINE`.
 * Nothing is dropped.
 */
export class Publications {
  readonly #readers = new Set<Reader>();
  readonly #listener: PublishListener | undefined;

  constructor(listener?: PublishListener) {
    this.#listener = listener;
  }

  /** The service of `ipc.publish`. Answers at once when nobody must be waited for. */
  readonly service: Service = (call) => {
    if (this.#listener === undefined && this.#readers.size === 0) return undefined;
    const published = new Publication(call);
    const heard = this.#listener?.(published);
    const readers = [...this.#readers];
    if (heard !== undefined || !readers.every((reader) => reader.hasRoom)) {
      return this.#deliver(published, { call, heard });
    }
    for (const reader of readers) reader.push(published, call);
    return undefined;
  };

  async #deliver(
    published: Published,
    { call, heard }: { readonly call: ServiceCall; readonly heard: void | Promise<void> },
  ): Promise<undefined> {
    await heard;
    await Promise.all(Array.from(this.#readers, (reader) => reader.offer(published, call)));
    return undefined;
  }

  /** What is published from now on, until the reader leaves the loop or the kernel closes. */
  messages(): AsyncGenerator<Published, void, undefined> {
    const reader = new Reader();
    this.#readers.add(reader);
    const read = reader.read();
    const leave = (): void => {
      reader.close();
      this.#readers.delete(reader);
    };
    return closing(read, leave);
  }

  /** Ends every reader's loop. */
  close(): void {
    for (const reader of this.#readers) reader.close();
    this.#readers.clear();
  }
}

/** A generator that leaves even if it is returned before its first step. */
function closing<T>(
  read: AsyncGenerator<T, void, undefined>,
  leave: () => void,
): AsyncGenerator<T, void, undefined> {
  const { return: finish } = read;
  read.return = (value) => {
    leave();
    return finish.call(read, value);
  };
  return read;
}

/**
 * A message whose payload is parsed each time it is looked at, and not kept: one that waits is
 * text, whatever a listener looked at, as a parsed one may take twenty times as much.
 */
class Publication implements Published {
  readonly topic: string;
  readonly capsule: string;
  readonly principal: string;
  readonly message: string;
  readonly #text: string;

  constructor({ resource, capsule, principal, message, payloadText }: ServiceCall) {
    this.topic = resource;
    this.capsule = capsule;
    this.principal = principal;
    this.message = message;
    this.#text = payloadText;
  }

  get payload(): Json {
    return parseJson(this.#text, { what: "the payload", code: "ASTRID_INVALID" });
  }
}

/** One reader's queue, bounded. */
class Reader {
  readonly #queue: { readonly published: Published; readonly bytes: number }[] = [];
  #bytes = 0;
  #isClosed = false;
  /** What waits for a change: the reader for a message, publishers for room. */
  readonly #waiting = new Set<() => void>();

  /** Whether a message can be pushed now; one that is closed takes all and keeps none. */
  get hasRoom(): boolean {
    const isShort = this.#queue.length < limit("subscriber-messages");
    return this.#isClosed || (isShort && this.#bytes < limit("subscriber-bytes"));
  }

  push(published: Published, { payloadText }: ServiceCall): void {
    if (this.#isClosed) return;
    const bytes = Buffer.byteLength(payloadText);
    this.#queue.push({ published, bytes });
    this.#bytes += bytes;
    this.#changed();
  }

  async offer(published: Published, call: ServiceCall): Promise<void> {
    while (!this.hasRoom) {
      if (call.signal.aborted) fail("ASTRID_DEADLINE", "nobody took the message in time");
      await this.#change(call.signal);
    }
    this.push(published, call);
  }

  async *read(): AsyncGenerator<Published, void, undefined> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        this.#bytes -= next.bytes;
        this.#changed();
        yield next.published;
      } else if (this.#isClosed) return;
      else await this.#change();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#changed();
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the next change, or when `signal` is aborted. */
  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }
}
