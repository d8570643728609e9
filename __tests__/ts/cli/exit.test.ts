import { describe, expect, test } from "@jest/globals";

import { ERROR_CODES } from "../../../ts/base/errors.js";
import { actionOfEnd, exitCodeOf, isOwnError, outcomeOf } from "../../../ts/cli/exit.js";
import { type CallResult, OUTCOMES, type Outcome } from "../../../ts/kernel/result.js";

const USAGE = {
  fuel: 0n,
  wallMicros: 0n,
  peakMemoryBytes: 0n,
  hostCalls: 0n,
  reads: 0n,
  refusedCalls: 0n,
  bytesIn: 0n,
  bytesOut: 0n,
};

function ended(outcome: Outcome, code = "E_OWN"): CallResult {
  const facts = { usage: USAGE, refusals: [], record: 1n, head: "" };
  const error = { code, message: "" };
  return outcome === "done" ? { outcome, ...facts } : { outcome, error, ...facts };
}

describe("exit codes", () => {
  test("follow the outcome", () => {
    expect(OUTCOMES.map((outcome) => [outcome, exitCodeOf(ended(outcome))])).toEqual([
      ["done", 0],
      ["guest-error", 1],
      ["trap", 5],
      ["out-of-fuel", 4],
      ["deadline", 4],
      ["out-of-memory", 4],
      ["stack-overflow", 4],
      ["denied", 3],
      ["refused", 6],
      ["revoked", 3],
      ["cancelled", 130],
    ]);
  });

  test("don't follow a code that a guest chose", () => {
    expect(exitCodeOf(ended("guest-error", "ASTRID_AUDIT_WRITE"))).toBe(1);
  });

  test("nor does what a person should do follow it", () => {
    const own = ended("guest-error", "ASTRID_DENIED");
    expect([isOwnError(own), actionOfEnd(own)]).toEqual([true, undefined]);
    const stalled = ended("guest-error", "ASTRID_GUEST_STALLED");
    expect([isOwnError(stalled), actionOfEnd(stalled)]).toEqual([false, expect.any(String)]);
    const late = ended("deadline", "ASTRID_DEADLINE");
    expect([isOwnError(late), actionOfEnd(late)]).toEqual([false, expect.any(String)]);
  });

  test("every code has an outcome before the call", () => {
    expect(new Set(ERROR_CODES.map(outcomeOf))).toEqual(
      new Set(["denied", "refused", "cancelled"]),
    );
  });
});
