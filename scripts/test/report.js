const CARGO_LINE = /^test result: \w+\. (\d+) passed; (\d+) failed;/gm;

/** Sums the closing lines that `cargo test` prints, one for each test program. */
export function countCargo(output) {
  let passed = 0;
  let failed = 0;
  for (const [, ok, bad] of output.matchAll(CARGO_LINE)) {
    passed += Number(ok);
    failed += Number(bad);
  }
  return { passed, failed };
}

/** The counts of jest's `--json` file; a test file that can't be run at all is one failure. */
export function countJest(report) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = report;
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

/** A program that fails without a failed test failed in another way; none run is a failure too. */
export function withExitCode({ passed, failed }, exitCode) {
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: unexplained ? 1 : failed };
}

/** One line for each step. */
export function reportTable(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  const line = ({ name, passed, failed, ms }) => {
    const counts = passed + failed === 0 ? "ok" : `${passed} passed, ${failed} failed`;
    return `${name.padEnd(width)}  ${(ms / 1000).toFixed(1).padStart(6)} s  ${counts}`;
  };
  return results.map(line).join("\n");
}

/** The sum of all steps, in the form that other programs read. */
export function closingLine(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return `${sum("passed")} passed, ${sum("failed")} failed`;
}
