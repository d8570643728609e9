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

/** What a person should do about a code of the table. */
export function actionOf(code: ErrorCode): string {
  return errorRow(code).action;
}

/** What the kernel says of a capsule that gave no error of its own. */
const ABOUT_GUESTS: ReadonlySet<string> = new Set<ErrorCode>([
  "ASTRID_GUEST_EXIT",
  "ASTRID_GUEST_STALLED",
  "ASTRID_GUEST_OUTPUT",
]);

/** Whether code and message of a call's end are the capsule's words, whatever code they carry. */
export function isOwnError(result: CallResult): boolean {
  return result.outcome === "guest-error" && !ABOUT_GUESTS.has(result.error.code);
}

/** What a person should do about a call's end; nothing about a capsule's own errors. */
export function actionOfEnd(result: CallResult): string | undefined {
  if (result.outcome === "done" || isOwnError(result)) return undefined;
  const { code } = result.error;
  return isErrorCode(code) ? actionOf(code) : undefined;
}
