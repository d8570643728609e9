import { type ErrorCode, EXIT_DONE, errorRow, exitCode, isErrorCode } from "../base/errors.js";
import { type CallResult, OUTCOME_CODES, type Outcome } from "../kernel/result.js";

/** The exit code for the end of a call: its outcome's. A guest's own code decides nothing. */
export function exitCodeOf({ outcome }: Pick<CallResult, "outcome">): number {
  return outcome === "done" ? EXIT_DONE : exitCode(OUTCOME_CODES[outcome]);
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
