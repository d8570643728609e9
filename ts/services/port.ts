import { isAstridError, isErrorCode } from "../base/errors.js";
import { parseJson } from "../base/json.js";
import { limit } from "../base/limits.js";
import type { Clock } from "../base/powers.js";
import type {
  NativeAnswer,
  NativeBatch,
  NativeFailure,
  NativeLine,
  NativePortCall,
} from "../native/traffic.js";
import type { NativeKernel } from "../native.js";
import { ask } from "./ask.js";
import type { ServiceProblem, Services } from "./service.js";

/** A host call as it comes out of the addon. */
export type PortCall = Readonly<NativePortCall>;

/** A line that a capsule logged, as the guest gave it: escape it before it is shown. */
export type LogLine = Readonly<NativeLine>;

/** An error for the guest. */
export type PortFailure = Readonly<NativeFailure>;

/** What a port is made of. */
export interface PortOptions {
  readonly door: Pick<NativeKernel, "answer">;
  readonly services: Services;
  readonly clock: Pick<Clock, "monotonicMs" | "later">;
  readonly onLine: (line: LogLine) => void;
  readonly onProblem: (problem: ServiceProblem) => void;
}

/** A call that a service has not answered yet. */
interface Running {
  readonly call: PortCall;
  readonly dueMs: number;
  /** Made when the service asks for its signal. */
  stop?: AbortController;
  isStopped: boolean;
}

/** Carries host calls from the addon to services and their answers back, each exactly once. */
export class Port {
  readonly #options: PortOptions;
  /** In the order of their deadlines, as each has as long as the others. */
  readonly #running = new Map<number, Running>();
  /** Calls that nobody waits for, but whose service has not let go of them. */
  readonly #held = { calls: 0, bytes: 0 };
  #answers: NativeAnswer[] = [];
  #isSweeping = false;

  constructor(options: PortOptions) {
    this.#options = options;
  }

  /** Serves what came out of the addon at once. */
  serve({ calls, cancelled, lines }: Pick<NativeBatch, "calls" | "cancelled" | "lines">): void {
    for (const line of lines) this.#show(line);
    for (const number of cancelled) this.#stop(number);
    for (const call of calls) this.#begin(call);
    this.#flush();
  }

  /** Aborts every running call. */
  close(): void {
    for (const number of this.#running.keys()) this.#stop(number);
  }

  #begin(call: PortCall): void {
    const { number, verb } = call;
    if (this.#running.has(number)) {
      this.#report({ kind: "double", verb, number });
      return;
    }
    const { services, clock } = this.#options;
    const service = Object.hasOwn(services, verb) ? services[verb] : undefined;
    if (service === undefined) {
      this.#report({ kind: "unknown-verb", verb, number });
      this.#push({ number, error: failed(verb, "does not exist") });
      return;
    }
    const { calls, bytes } = this.#held;
    if (calls >= limit("service-queue-calls") || bytes >= limit("service-queue-bytes")) {
      const message = "its service holds too many calls that were given up (service-queue-calls)";
      this.#push({ number, error: { code: "ASTRID_BUSY", message } });
      return;
    }
    const dueMs = clock.monotonicMs() + limit("service-deadline-ms");
    const running: Running = { call, dueMs, isStopped: false };
    this.#running.set(number, running);
    this.#sweepLater(limit("service-deadline-ms"));
    const signal = (): AbortSignal => signalOf(running);
    ask(
      service,
      { call, signal },
      {
        value: (value) => this.#settle(running, () => this.#value(running, value)),
        error: (cause) => this.#settle(running, () => this.#error(running, cause)),
      },
    );
  }

  /** Answers a call that came to its end, unless it was stopped before. */
  #settle(running: Running, toAnswer: () => NativeAnswer): void {
    const { number, verb } = running.call;
    const answer = toAnswer();
    if (running.isStopped) {
      this.#held.calls -= 1;
      this.#held.bytes -= running.call.payload.length;
      // Who only gives up when told to is not late.
      if (answer.json !== undefined) this.#report({ kind: "late", verb, number });
      return;
    }
    this.#running.delete(number);
    running.isStopped = true;
    running.stop?.abort();
    this.#push(answer);
  }

  #value({ call: { number, verb }, isStopped }: Running, value: unknown): NativeAnswer {
    const json = encode(value);
    if (json !== undefined) return { number, json };
    if (!isStopped) this.#report({ kind: "wrong-shape", verb, number });
    return { number, error: failed(verb, "failed") };
  }

  #error({ call: { number, verb }, isStopped }: Running, cause: unknown): NativeAnswer {
    const error = coded(cause);
    if (error !== undefined) return { number, error };
    if (!isStopped) this.#report({ kind: "threw", verb, number, cause });
    return { number, error: failed(verb, "failed") };
  }

  /** Nobody waits for the call any more. */
  #stop(number: number): void {
    const running = this.#running.get(number);
    if (running === undefined) return;
    this.#running.delete(number);
    running.isStopped = true;
    this.#held.calls += 1;
    this.#held.bytes += running.call.payload.length;
    running.stop?.abort();
  }

  #sweepLater(afterMs: number): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#options.clock.later(afterMs, () => {
      this.#isSweeping = false;
      this.#sweep();
    });
  }

  /** Answers for services that were silent until their deadline. */
  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const { call, dueMs } of this.#running.values()) {
      if (dueMs > nowMs) {
        this.#sweepLater(dueMs - nowMs);
        return;
      }
      const { number, verb } = call;
      this.#stop(number);
      this.#report({ kind: "silent", verb, number });
      const message = `the service of ${verb} did not answer in time`;
      this.#push({ number, error: { code: "ASTRID_DEADLINE", message } });
    }
  }

  /** Answers that are there in one turn of the event loop cross together. */
  #push(answer: NativeAnswer): void {
    if (this.#answers.push(answer) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#answers.length === 0) return;
    const answers = this.#answers;
    this.#answers = [];
    for (const number of this.#options.door.answer(answers)) {
      this.#report({ kind: "late", number });
    }
  }

  #show(line: LogLine): void {
    try {
      this.#options.onLine(line);
    } catch (cause) {
      this.#report({ kind: "hook", verb: "log.write", cause });
    }
  }

  #report(problem: ServiceProblem): void {
    try {
      this.#options.onProblem(problem);
    } catch {
      // There is nobody left to tell.
    }
  }
}

function signalOf(running: Running): AbortSignal {
  running.stop ??= new AbortController();
  if (running.isStopped) running.stop.abort();
  return running.stop.signal;
}

/**
 * The error for the guest, if it is one of ours and whole. Its brand is a symbol that anyone can
 * write, and looking at it may run anything: each part is read once, and what throws is not ours.
 */
function coded(cause: unknown): PortFailure | undefined {
  try {
    if (!isAstridError(cause)) return undefined;
    const { code, message } = cause;
    if (!isErrorCode(code) || typeof message !== "string") return undefined;
    return { code, message: message.slice(0, limit("service-error-bytes")) };
  } catch {
    return undefined;
  }
}

/** The answer as JSON text, `null` for nothing; undefined if it has none within the bounds. */
function encode(value: unknown): string | undefined {
  if (value === undefined) return "null";
  try {
    const json: unknown = JSON.stringify(value);
    if (typeof json !== "string") return undefined;
    parseJson(json, { what: "the answer", code: "ASTRID_SERVICE" });
    return json;
  } catch {
    return undefined;
  }
}

function failed(verb: string, how: string): PortFailure {
  return { code: "ASTRID_SERVICE", message: `the service of ${verb} ${how}` };
}
