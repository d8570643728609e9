import { expect, test } from "@jest/globals";

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Report {
  countCargo(output: string): Counts;
  countJest(report: object): Counts;
  withExitCode(counts: Counts, exitCode: number): Counts;
  closingLine(results: readonly Counts[]): string;
}

const report = (await import(
  new URL("../../../scripts/test/report.js", import.meta.url).href
)) as Report;

test("the programs of cargo test are summed", () => {
  const line = (passed: number, failed: number): string =>
    `test result: ok. ${passed} passed; ${failed} failed; 0 ignored; 0 measured; 3 filtered out\n`;
  expect(report.countCargo(`noise\n${line(3, 0)}\n${line(4, 1)}`)).toEqual({
    passed: 7,
    failed: 1,
  });
});

test("a test file that jest can't run is a failure", () => {
  const jest = { numPassedTests: 5, numFailedTests: 1, numRuntimeErrorTestSuites: 2 };
  expect(report.countJest(jest)).toEqual({ passed: 5, failed: 3 });
});

test("a program that fails, or runs nothing, is never counted as passed", () => {
  expect(report.withExitCode({ passed: 5, failed: 0 }, 0)).toEqual({ passed: 5, failed: 0 });
  expect(report.withExitCode({ passed: 5, failed: 0 }, 101)).toEqual({ passed: 5, failed: 1 });
  expect(report.withExitCode({ passed: 0, failed: 0 }, 0)).toEqual({ passed: 0, failed: 1 });
  expect(report.withExitCode({ passed: 5, failed: 2 }, 1)).toEqual({ passed: 5, failed: 2 });
});

test("the closing line sums all steps", () => {
  const results = [
    { passed: 0, failed: 0 },
    { passed: 7, failed: 1 },
    { passed: 5, failed: 0 },
  ];
  expect(report.closingLine(results)).toBe("12 passed, 1 failed");
});
