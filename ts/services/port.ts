import { isAstridError } from "../base/errors.js";
import { type Json, parseJson } from "../base/json.js";
import { limit } from "../base/limits.js";
import type { Clock } from "../base/powers.js";
import type { NativeFailure, NativeKernel, NativeLine, NativePortCall } from "../native.js";
import type { Service, ServiceProblem, Services } from "./service.js";

/** A host call as it comes out of the addon. */
export type PortCall = Readonly<NativePortCall>;

/** A line that a capsule logged, as the guest gave it: escape it before it is shown. */
export type LogLine = Readonly<NativeLine>;

/** The addon's side of the port. */
export type PortDoor = Pick<NativeKernel, "take" | "answer">;

/** An error for the guest. */
export type PortFailure = Readonly<NativeFailure>;

/** What a port is made of. */
export interface PortOptions {
  readonly door: PortDoor;
  readonly services: Services;
  readonly clock: Pick<Clock, "sleepMs">;
  readonly onLine: (line: LogLine) => void;
  readonly onProblem: (problem: ServiceProblem) => void;
}

type Answer = { readonly json: string } | { readonly failure: PortFailure };

const GONE = Symbol("nobody waits");
const LATE = Symbol("the deadline passed");

/** Carries host calls from the addon to services and their answers back, each exactly once. */
export class Port {
  readonly #options: PortOptions;
  readonly #running = new Map<bigint, AbortController>();

  constructor(options: PortOptions) {
    this.#options = options;
  }

  /** Takes everything that went out since the last time; the addon's `wake` calls it. */
  pump(): void {
    const { calls, cancelled, lines } = this.#options.door.take();
    for (const line of lines) this.#guard("log.write", () => this.#options.onLine(line));
    for (const number of cancelled) this.#running.get(number)?.abort(GONE);
    for (const call of calls) void this.#serve(call);
  }

  /** Aborts every running call. */
  close(): void {
    for (const running of this.#running.values()) running.abort(GONE);
  }

  async #serve(call: PortCall): Promise<void> {
    const { number, verb } = call;
    if (this.#running.has(number)) return this.#report({ kind: "double", verb, number });
    const running = new AbortController();
    this.#running.set(number, running);
    try {
      const answer = await this.#answer(call, running);
      if (running.signal.reason === GONE) return;
      const [json, failure] =
        "json" in answer ? [answer.json, undefined] : [undefined, answer.failure];
      const isTaken = this.#options.door.answer(number, json, failure);
      if (!isTaken) this.#report({ kind: "late", verb, number });
    } catch (cause) {
      this.#report({ kind: "hook", verb, number, cause });
    } finally {
      this.#running.delete(number);
    }
  }

  /** The service's answer, or what stands for it when it fails, lies or is silent. */
  async #answer(call: PortCall, running: AbortController): Promise<Answer> {
    const { number, verb } = call;
    const { services } = this.#options;
    const service = Object.hasOwn(services, verb) ? services[verb] : undefined;
    if (service === undefined) {
      this.#report({ kind: "unknown-verb", verb, number });
      return failed(verb, "does not exist");
    }
    const stopped = this.#stopped(running);
    const answered = ask(service, call, running.signal);
    const first = await Promise.race([answered, stopped]);
    if (first !== undefined) {
      running.abort();
      if (first.kind !== undefined) this.#report({ ...first, kind: first.kind, verb, number });
      return first.answer ?? failed(verb, "failed");
    }
    // Who only gives up when told to is not late.
    void answered.then(({ answer }) => {
      if (answer !== undefined && "json" in answer) this.#report({ kind: "late", verb, number });
    });
    if (running.signal.reason === LATE) this.#report({ kind: "silent", verb, number });
    const message = `the service of ${verb} did not answer in time`;
    return { failure: { code: "ASTRID_DEADLINE", message } };
  }

  /** Resolves when the call is cancelled or its deadline passes, and then aborts it. */
  async #stopped(running: AbortController): Promise<undefined> {
    try {
      await this.#options.clock.sleepMs(limit("service-deadline-ms"), running.signal);
      running.abort(LATE);
    } catch {
      // Aborted: cancelled, or answered.
    }
  }

  #report(problem: ServiceProblem): void {
    try {
      this.#options.onProblem(problem);
    } catch {
      // There is nobody left to tell.
    }
  }

  #guard(verb: string, hook: () => void): void {
    try {
      hook();
    } catch (cause) {
      this.#report({ kind: "hook", verb, cause });
    }
  }
}

interface Asked {
  readonly answer?: Answer;
  readonly kind?: "threw" | "wrong-shape";
  readonly cause?: unknown;
}

/** Asks a service; never rejects. */
async function ask(service: Service, call: PortCall, signal: AbortSignal): Promise<Asked> {
  let value: Json | undefined;
  try {
    const payload = parseJson(call.payload, { what: "the payload", code: "ASTRID_INVALID" });
    const { verb, resource, capsule, principal, message } = call;
    value = await service({ verb, resource, payload, capsule, principal, message, signal });
  } catch (cause) {
    if (!isAstridError(cause)) return { kind: "threw", cause };
    return { answer: { failure: { code: cause.code, message: cause.message } } };
  }
  const json = encode(value);
  return json === WRONG ? { kind: "wrong-shape" } : { answer: { json } };
}

const WRONG = Symbol("not an answer");

/** The answer as JSON text; nothing is `null`. */
function encode(value: unknown): string | typeof WRONG {
  if (value === undefined) return "null";
  try {
    const json: unknown = JSON.stringify(value);
    if (typeof json !== "string") return WRONG;
    parseJson(json, { what: "the answer", code: "ASTRID_SERVICE" });
    return json;
  } catch {
    return WRONG;
  }
}

function failed(verb: string, how: string): Answer {
  return { failure: { code: "ASTRID_SERVICE", message: `the service of ${verb} ${how}` } };
}
