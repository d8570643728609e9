import { type Json, parseJson } from "../base/json.js";
import type { NativePortCall } from "../native/traffic.js";
import type { Service, ServiceCall } from "./service.js";

/** What a service is asked. */
interface Question {
  readonly call: Readonly<NativePortCall>;
  /** Makes the call's signal, for a service that looks at it. */
  readonly signal: () => AbortSignal;
}

/** Where its answer goes: to one of them, once. */
interface Answers {
  readonly value: (value: Json | undefined) => void;
  readonly error: (cause: unknown) => void;
}

/** Asks a service. What it answers without waiting is handed on before this returns. */
export function ask(service: Service, { call, signal }: Question, answers: Answers): void {
  let answer: ReturnType<Service>;
  let isLater: boolean;
  try {
    answer = service(new Asked(call, signal));
    isLater = isPromise(answer);
  } catch (cause) {
    answers.error(cause);
    return;
  }
  if (isLater) void Promise.resolve(answer).then(answers.value, answers.error);
  else answers.value(answer as Json | undefined);
}

/** A call as its service sees it; what costs something is made when it is looked at. */
class Asked implements ServiceCall {
  readonly #call: Readonly<NativePortCall>;
  readonly #signal: () => AbortSignal;
  #payload: { readonly value: Json } | undefined;

  constructor(call: Readonly<NativePortCall>, signal: () => AbortSignal) {
    this.#call = call;
    this.#signal = signal;
  }

  get verb(): string {
    return this.#call.verb;
  }

  get resource(): string {
    return this.#call.resource;
  }

  get payload(): Json {
    const bounds = { what: "the payload", code: "ASTRID_INVALID" } as const;
    this.#payload ??= { value: parseJson(this.#call.payload, bounds) };
    return this.#payload.value;
  }

  get payloadText(): string {
    return this.#call.payload;
  }

  get capsule(): string {
    return this.#call.capsule;
  }

  get principal(): string {
    return this.#call.principal;
  }

  get message(): string {
    return this.#call.message;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}

/** Whether the answer comes later: JSON has no functions, so nothing else has a `then`. */
function isPromise(answer: ReturnType<Service>): answer is Promise<Json | undefined> {
  const isObject = typeof answer === "object" && answer !== null;
  return isObject && "then" in answer && typeof answer.then === "function";
}
