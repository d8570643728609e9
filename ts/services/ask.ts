import { type Json, parseJson } from "../base/json.js";
import type { NativePortCall } from "../native/traffic.js";
import type { Service } from "./service.js";

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
  try {
    const payload = parseJson(call.payload, { what: "the payload", code: "ASTRID_INVALID" });
    const { verb, resource, capsule, principal, message } = call;
    answer = service({
      verb,
      resource,
      payload,
      get payloadBytes() {
        return Buffer.byteLength(call.payload);
      },
      capsule,
      principal,
      message,
      get signal() {
        return signal();
      },
    });
  } catch (cause) {
    answers.error(cause);
    return;
  }
  if (isPromise(answer)) void Promise.resolve(answer).then(answers.value, answers.error);
  else answers.value(answer);
}

/** Whether the answer comes later: JSON has no functions, so nothing else has a `then`. */
function isPromise(answer: ReturnType<Service>): answer is Promise<Json | undefined> {
  const isObject = typeof answer === "object" && answer !== null;
  return isObject && "then" in answer && typeof answer.then === "function";
}
