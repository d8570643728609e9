import { expect, test } from "@jest/globals";

import { isWithinLimit, LIMIT_NAMES, limit, limitRow } from "../../../ts/base/limits.js";

test("a limit has its value, unit and reason", () => {
  expect(limit("payload-bytes")).toBe(1_048_576);
  expect(limitRow("payload-bytes")).toMatchObject({ unit: "bytes" });
  expect(LIMIT_NAMES).toContain("fuel");
});

test("an adjustable limit takes whole numbers from its smallest to its largest value", () => {
  const { min = 0, max = 0 } = limitRow("memory-mib");
  expect([min, limit("memory-mib"), max].map((v) => isWithinLimit("memory-mib", v))).toEqual([
    true,
    true,
    true,
  ]);
  for (const value of [min - 1, max + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    expect(isWithinLimit("memory-mib", value)).toBe(false);
  }
});
