// Runs all checks and tests and closes with one line, `N passed, N failed`. A check that fails
// counts as one failed test. `--fast` leaves out what is slow, `--lint` runs the checks alone.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { closingLine, reportTable } from "./report.js";
import { buildAll, CHECKS, SUITES } from "./steps.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const { values } = parseArgs({
  options: { fast: { type: "boolean" }, lint: { type: "boolean" } },
});

const steps = [];
if (!values.lint) steps.push(buildAll);
if (!values.fast) steps.push(...CHECKS);
if (!values.lint) steps.push(...SUITES);

const results = [];
for (const step of steps) {
  process.stderr.write(`\n== ${step.name}\n`);
  const startMs = performance.now();
  const counts = await step.run(ROOT, { fast: values.fast === true });
  results.push({ name: step.name, ...counts, ms: performance.now() - startMs });
  // Tests of what could not be built would only hide why.
  if (step === buildAll && counts.failed > 0) break;
}

process.stdout.write(`\n${reportTable(results)}\n\n${closingLine(results)}\n`);
process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0;
