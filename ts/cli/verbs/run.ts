import { fail } from "../../base/errors.js";
import { Kernel } from "../../kernel/kernel.js";
import { type LoadOptions, PRINCIPAL } from "../../kernel/options.js";
import type { Prepared } from "../../kernel/prepare.js";
import { missingFlags } from "../../kernel/rights.js";
import { ask, canAsk } from "../ask.js";
import type { Context, Verb } from "../context.js";
import { planDocument, toJson } from "../documents.js";
import { Ending } from "../ending.js";
import { exitCodeOf } from "../exit.js";
import { type Arguments, HOME_FLAG, range } from "../flags.js";
import { readInput } from "../input.js";
import { kernelOptions } from "../kernel-options.js";
import { operand } from "../operand.js";
import { withProgress } from "../progress.js";
import { reportPlan, reportResult } from "../report.js";

export const run: Verb = {
  name: "run",
  operand: "<folder | file.wasm | name>",
  about: "sends one message to a capsule and prints its answer",
  details: [
    "A capsule has its log, clock, random, settings, own store and scratch space, and reads in the",
    "workspace, if its manifest asks. Everything else needs --grant, or a yes at the terminal.",
  ],
  flags: {
    topic: { value: "<topic>", about: "topic of the message; run by default" },
    input: {
      value: "<JSON | @file | ->",
      isText: true,
      about: "payload of the message; null by default",
    },
    workspace: { value: "<folder>", about: "the folder behind workspace://" },
    grant: {
      value: "<verb=pattern>",
      isRepeatable: true,
      about: "a right; verb,verb=pattern,pattern for sets, \\, for a comma in a name",
    },
    keep: {
      value: "<verb>",
      isRepeatable: true,
      about: "keep what such calls (or message) are given: audit show --open",
    },
    fuel: { value: "<n>", about: `how much it may compute: ${range("fuel")}` },
    "deadline-ms": { value: "<ms>", about: `how long it may take: ${range("deadline-ms")}` },
    "memory-mib": { value: "<MiB>", about: `how much memory it may hold: ${range("memory-mib")}` },
    witness: {
      value: "<file>",
      isRepeatable: true,
      about: "a file outside of the home that gets each checkpoint of the log",
    },
    "witness-command": {
      value: "<program>",
      isRepeatable: true,
      about: "a program that gets each checkpoint on its standard input",
    },
    ...HOME_FLAG,
    "dry-run": { about: "show what it asks for, gets and lacks, and don't run it" },
    raw: { about: "print the answer as it is, even on a terminal" },
  },
  examples: [
    `npx astrid-native run search --workspace . --input '{"pattern":"TODO"}'`,
    "npx astrid-native run capsules/hostile/thief --workspace . --dry-run",
    "npx astrid-native run ./my-capsule --workspace . --grant 'fs.write=workspace://out/**'",
    "npx astrid-native run tool.wasm --input @request.json --json",
    "npx astrid-native run search --witness /mnt/elsewhere/checkpoints",
  ],
  run: runVerb,
};

async function runVerb(context: Context, args: Arguments): Promise<number> {
  const { print, powers } = context;
  const source = operand(args, "a capsule to run: a folder, a .wasm file or a name");
  const budget = {
    fuel: args.number("fuel", "fuel"),
    deadlineMs: args.number("deadline-ms", "deadline-ms"),
    memoryMib: args.number("memory-mib", "memory-mib"),
  };
  const input = await readInput(context, args.text("input"));
  using ending = new Ending(context);
  await using kernel = await Kernel.open(kernelOptions(context, args), powers);
  ending.kernel = kernel;
  if (kernel.isFirst) {
    print.line(`a new log is signed by ${kernel.fingerprint}: keep that elsewhere`, "dim");
  }
  const capsule = await withProgress(context, `building ${source}`, () => kernel.prepare(source));
  checkSignal(context);
  for (const warning of capsule.warnings) print.line(`warning: ${warning}`, "yellow");
  const options = loadOptions(context, kernel, args, budget.memoryMib);
  if (args.has("dry-run")) return dryRun(context, kernel, { capsule, options, args });
  const loaded = await withProgress(context, `compiling ${capsule.name}`, () =>
    kernel.load(capsule, options),
  );
  checkSignal(context);
  const { unasked } = loaded.plan;
  if (unasked.length > 0 && capsule.manifest !== undefined) {
    const verbs = [...new Set(unasked.map(({ verb }) => verb))].join(", ");
    print.line(`note: ${capsule.name} does not ask for ${verbs}, but gets it by --grant`, "dim");
  }
  const result = await withProgress(context, `running ${capsule.name}`, () =>
    loaded.call(input, {
      topic: args.text("topic") ?? "run",
      sender: "cli",
      signal: context.signal,
      ...(budget.fuel === undefined ? {} : { fuel: budget.fuel }),
      ...(budget.deadlineMs === undefined ? {} : { deadlineMs: budget.deadlineMs }),
    }),
  );
  const style = { isJson: args.has("json"), isRaw: args.has("raw") };
  ending.show = (log) =>
    reportResult(context, { capsule: loaded, result, kinds: kernel.kinds, log, ...style });
  return exitCodeOf(result);
}

function loadOptions(
  context: Context,
  kernel: Kernel,
  args: Arguments,
  memoryMib: number | undefined,
): LoadOptions {
  const workspace = args.text("workspace");
  // Who sends the input through standard input can't be asked there as well.
  const isStdinTaken = args.text("input") === "-";
  return {
    grants: args.texts("grant"),
    keep: args.texts("keep"),
    idleInstances: 0,
    ...(workspace === undefined ? {} : { workspace }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    approve: async (question) => {
      if (await kernel.approvals.has(question)) return true;
      if (isStdinTaken || !canAsk(context, question)) return false;
      if (!(await ask(context, question))) return false;
      await kernel.approvals.add(question);
      return true;
    },
  };
}

interface DryRun {
  readonly capsule: Prepared;
  readonly options: LoadOptions;
  readonly args: Arguments;
}

async function dryRun(context: Context, kernel: Kernel, dry: DryRun): Promise<number> {
  const { capsule, options, args } = dry;
  const { plan, workspace } = await kernel.plan(capsule, options);
  const { missing, needsWorkspace } = plan;
  const question = { capsule, principal: PRINCIPAL, missing, workspace };
  const isApproved =
    missing.length > 0 && !needsWorkspace && (await kernel.approvals.has(question));
  const isComplete = missing.length === 0 || isApproved;
  const facts = { isComplete, isApproved, flags: isComplete ? [] : missingFlags(plan) };
  if (args.has("json")) context.print.json(toJson(planDocument(capsule, plan, facts)));
  else reportPlan(context, { capsule, plan, facts });
  return isComplete ? 0 : 3;
}

function checkSignal({ signal }: Context): void {
  if (signal.aborted) fail("ASTRID_CANCELLED", "interrupted");
}
