import { describe, expect, test } from "@jest/globals";

import { grantFor, refusalLines } from "../../../ts/cli/refusals.js";
import type { CallRefusal } from "../../../ts/kernel/result.js";
import type { VerbKinds } from "../../../ts/policy/grant.js";

const KINDS: VerbKinds = new Map([
  ["fs.read", "path"],
  ["fs.write", "path"],
  ["log.write", "nothing"],
] as const);

function refusal(resource: string, more: Partial<CallRefusal> = {}): CallRefusal {
  return { number: 7n, verb: "fs.read", resource, why: "no-rule", ...more };
}

describe("refusals", () => {
  test("are told once each, with the flag that would allow them", () => {
    const one = refusal("workspace://a b");
    expect(refusalLines([one, { ...one, number: 9n }], 2n, KINDS)).toEqual([
      "refused 7: fs.read workspace://a b (nothing grants it); " +
        "--grant 'fs.read=workspace://a b' would allow it",
    ]);
  });

  test("beyond five are counted, and those that were not kept too", () => {
    const many = Array.from({ length: 8 }, (_, at) => refusal(`workspace://${at}`));
    const lines = refusalLines(many, 500n, KINDS);
    expect(lines).toHaveLength(7);
    expect(lines.slice(5)).toEqual([
      "… and 3 more",
      "… and 492 refused calls that are only in the log",
    ]);
  });

  test("of protected names say what opens them, if something does", () => {
    const why = { why: "protected", protected: "secrets" };
    expect(refusalLines([refusal("workspace://.env", why)], 1n, KINDS)[0]).toMatch(
      /a protected name: secrets\); only if you mean it: --grant fs\.read=workspace:\/\/\.env$/,
    );
    expect(grantFor(refusal("workspace://.env*", why), KINDS)).toBeUndefined();
  });

  test.each(["revoked", "rule", "inside"])("for %s have no flag", (why) => {
    expect(grantFor(refusal("workspace://a", { why }), KINDS)).toBeUndefined();
  });
});
