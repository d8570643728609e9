import { type ErrorCode, fail } from "../base/errors.js";
import { type Json, parseJson } from "../base/json.js";
import { fromNative } from "../native/errors.js";
import type { NativeEnd, NativeRefusal, NativeUsage } from "../native/traffic.js";

/** How a call to a capsule ends: a closed set. */
export const OUTCOMES = [
  "done",
  "guest-error",
  "trap",
  "out-of-fuel",
  "deadline",
  "out-of-memory",
  "stack-overflow",
  "denied",
  "refused",
  "revoked",
  "cancelled",
] as const;

/** How a call to a capsule ends. */
export type Outcome = (typeof OUTCOMES)[number];

/** What one call used; 64-bit counters. */
export type Usage = Readonly<NativeUsage>;

/** What the gate refused during a call, for the person. */
export type CallRefusal = Readonly<NativeRefusal>;

/** Why a call did not end well; the code is the capsule's own for `guest-error`. */
export interface CallFailure {
  readonly code: string;
  readonly message: string;
}

interface CallFacts {
  readonly usage: Usage;
  /** In order, at most 100. */
  readonly refusals: readonly CallRefusal[];
  /** Sequence number of the record that tells the end. */
  readonly record: bigint;
  /** Link of that record, 64 hexadecimal digits. */
  readonly head: string;
}

/** The end of a call, as data. */
export type CallResult<Output extends Json = Json> = CallFacts &
  (
    | {
        readonly outcome: "done";
        /** Absent when the handler answered nothing. */
        readonly output?: Output;
        /** The output as the capsule wrote it. */
        readonly text?: string;
      }
    | { readonly outcome: Exclude<Outcome, "done">; readonly error: CallFailure }
  );

/** The code of the table that stands for an outcome; its category decides the exit code. */
export const OUTCOME_CODES: Readonly<Record<Exclude<Outcome, "done">, ErrorCode>> = {
  "guest-error": "ASTRID_GUEST_ERROR",
  trap: "ASTRID_TRAP",
  "out-of-fuel": "ASTRID_OUT_OF_FUEL",
  deadline: "ASTRID_DEADLINE",
  "out-of-memory": "ASTRID_OUT_OF_MEMORY",
  "stack-overflow": "ASTRID_STACK_OVERFLOW",
  denied: "ASTRID_DENIED",
  refused: "ASTRID_INSTANTIATE",
  revoked: "ASTRID_REVOKED",
  cancelled: "ASTRID_CANCELLED",
};

/** What the addon says of a call's end. Fails with `ASTRID_INTERNAL` for an unknown outcome. */
export function toResult(end: NativeEnd): CallResult {
  const { usage, refusals, record, head } = end;
  const facts = { usage, refusals, record, head };
  const outcome = OUTCOMES.find((known) => known === end.outcome);
  if (outcome === undefined) return fail("ASTRID_INTERNAL", `${end.outcome} is not an outcome`);
  if (outcome === "done") return { ...answer(end.output), ...facts };
  const message = `the call ended as ${outcome}`;
  const error = end.error ?? { code: OUTCOME_CODES[outcome], message };
  return { outcome, error, ...facts };
}

type Answer =
  | { readonly outcome: "done"; readonly output?: Json; readonly text?: string }
  | { readonly outcome: "guest-error"; readonly error: CallFailure };

function answer(text: string | undefined): Answer {
  if (text === undefined) return { outcome: "done" };
  try {
    const output = parseJson(text, { what: "the answer", code: "ASTRID_GUEST_OUTPUT" });
    return { outcome: "done", output, text };
  } catch (error) {
    return { outcome: "guest-error", error: fromNative(error) };
  }
}
