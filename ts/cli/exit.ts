import type { ErrorCode } from "../base/errors.js";
import { EXIT_DONE, errorRow, exitCode, isErrorCode } from "../base/errors.js";
import { type CallResult, codeOf, type Outcome } from "../kernel/result.js";

const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  done: EXIT_DONE,
  "guest-error": 1,
  denied: 3,
  revoked: 3,
  "out-of-fuel": 4,
  deadline: 4,
  "out-of-memory": 4,
  "stack-overflow": 4,
  trap: 5,
  refused: 6,
  cancelled: 130,
};

/** The exit code for the end of a call: its outcome's, unless the log failed. */
export function exitCodeOf(result: CallResult): number {
  if (result.outcome === "done" || result.outcome === "guest-error") {
    return EXIT_CODES[result.outcome];
  }
  const { category } = errorRow(codeOf(result.outcome, result.error));
  if (category === "integrity") return exitCode(codeOf(result.outcome, result.error));
  return EXIT_CODES[result.outcome];
}

/** The outcome that stands for an error before the call. */
export function outcomeOf(code: ErrorCode): Outcome {
  switch (errorRow(code).category) {
    case "denied":
      return "denied";
    case "cancelled":
      return "cancelled";
    default:
      return "refused";
  }
}

/** What a person should do about a code; nothing for a capsule's own codes. */
export function actionOf(code: string): string | undefined {
  return isErrorCode(code) ? errorRow(code).action : undefined;
}
