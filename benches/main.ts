// Runs the benches: all of them writes docs/benchmarks.md and benches/results/latest.json, some of
// them (`--only <name>`, more than once if you like) prints the same page on stdout.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { nodePowers } from "../ts/base/powers.js";
import { openAddon } from "../ts/kernel/addon.js";
import { BENCHES, type Bench } from "./benches.js";
import { watchMachine } from "./machine.js";
import { type Section, toPage } from "./report.js";
import { type Stage, withStage } from "./stage.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const chosen = choose(values.only);
const machineAtEnd = watchMachine(openAddon(nodePowers()).native.version().wasmtime);
say("building the benches");
const sections = await withStage(ROOT, runAll);
const machine = await machineAtEnd();
const page = toPage(sections, machine);
if (values.only === undefined) {
  mkdirSync(join(ROOT, "benches/results"), { recursive: true });
  const results = `${JSON.stringify({ machine, sections }, undefined, 2)}\n`;
  writeFileSync(join(ROOT, "benches/results/latest.json"), results);
  writeFileSync(join(ROOT, "docs/benchmarks.md"), page);
  say("wrote docs/benchmarks.md and benches/results/latest.json");
} else {
  process.stdout.write(page);
}

function choose(names: readonly string[] | undefined): readonly Bench[] {
  if (names === undefined) return BENCHES;
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length === 0) return BENCHES.filter(({ name }) => names.includes(name));
  const known = BENCHES.map(({ name }) => name).join(", ");
  process.stderr.write(`no bench is called ${unknown.join(", ")}; there are ${known}\n`);
  process.exit(2);
}

async function runAll(stage: Stage): Promise<Section[]> {
  const done: Section[] = [];
  for (const [at, { name, title, budget, run }] of chosen.entries()) {
    const started = performance.now();
    say(`${at + 1}/${chosen.length} ${name}`);
    const figures = await run(stage);
    done.push({ title, ...(budget === undefined ? {} : { budget }), figures });
    say(`${name} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  return done;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
