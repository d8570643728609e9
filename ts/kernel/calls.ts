import type { Awake } from "../base/powers.js";
import { fromNative } from "../native/errors.js";
import type { NativeEnd, NativeEnded } from "../native/traffic.js";

interface Running {
  readonly resolve: (end: NativeEnd) => void;
  readonly reject: (cause: unknown) => void;
}

/** A call that was started. */
export interface StartedCall {
  /** The number to cancel by. */
  readonly token: number;
  readonly ended: Promise<NativeEnd>;
}

/** The running calls of one kernel. While there are some, the process stays alive. */
export class Calls {
  readonly #awake: Awake;
  readonly #running = new Map<number, Running>();
  #lastToken = 0;

  constructor(awake: Awake) {
    this.#awake = awake;
  }

  /** Starts a call under a token of its own. Throws what `start` throws, as an `AstridError`. */
  start(start: (token: number) => void): StartedCall {
    const token = this.#newToken();
    try {
      start(token);
    } catch (caught) {
      throw fromNative(caught);
    }
    const ended = new Promise<NativeEnd>((resolve, reject) => {
      this.#running.set(token, { resolve, reject });
    });
    if (this.#running.size === 1) this.#awake.hold();
    return { token, ended };
  }

  /** Tells the callers of calls that ended. */
  settle(ended: readonly NativeEnded[]): void {
    for (const { token, end, failure } of ended) {
      const call = this.#running.get(token);
      this.#running.delete(token);
      if (end !== undefined) call?.resolve(end);
      else call?.reject(fromNative(failure));
    }
    if (ended.length > 0 && this.#running.size === 0) this.#awake.release();
  }

  #newToken(): number {
    do this.#lastToken = (this.#lastToken + 1) >>> 0;
    while (this.#running.has(this.#lastToken));
    return this.#lastToken;
  }
}
