type Listener = ((event: AbortEvent) => void) | { handleEvent(event: AbortEvent): void };

/** What listeners are handed. */
export interface AbortEvent {
  readonly type: "abort";
  readonly target: AbortSignal;
}

let abort: (signal: AbortSignal, reason: unknown) => void;

/** The Web's AbortSignal without the rest of its event system, which QuickJS lacks. */
export class AbortSignal {
  #reason: unknown;
  #aborted = false;
  // An abort happens once, so every listener is a listener for one event.
  readonly #listeners = new Set<Listener>();
  onabort: ((event: AbortEvent) => void) | null = null;

  static {
    abort = (signal, reason) => signal.#abort(reason);
  }

  /** A signal that is aborted already. */
  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal();
    signal.#abort(reason);
    return signal;
  }

  /** A signal that is aborted with the first of these. */
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const joined = new AbortSignal();
    for (const signal of signals) {
      if (signal.aborted) joined.#abort(signal.reason);
      else signal.addEventListener("abort", () => joined.#abort(signal.reason));
    }
    return joined;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(type: string, listener: Listener): void {
    if (type === "abort") this.#listeners.add(listener);
  }

  removeEventListener(type: string, listener: Listener): void {
    if (type === "abort") this.#listeners.delete(listener);
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason ?? new DOMException("the operation was aborted", "AbortError");
    const event: AbortEvent = { type: "abort", target: this };
    this.onabort?.(event);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) {
      if (typeof listener === "function") listener.call(this, event);
      else listener.handleEvent(event);
    }
  }
}

/** Aborts its signal, once. */
export class AbortController {
  readonly signal = new AbortSignal();

  abort(reason?: unknown): void {
    abort(this.signal, reason);
  }
}
