import type { Tree } from "../audit/checkpoint.js";
import type { Capsule } from "../kernel/capsule.js";
import type { Prepared } from "../kernel/prepare.js";
import type { CallResult } from "../kernel/result.js";
import { formatGrant, type VerbKinds } from "../policy/grant.js";
import type { Plan, Standing } from "../policy/plan.js";
import { describe } from "./ask.js";
import type { Context } from "./context.js";
import { callDocument, type PlanFacts, toJson } from "./documents.js";
import { actionOfEnd, isOwnError } from "./exit.js";
import { refusalLines } from "./refusals.js";

/** A call's end, and how it is to be shown. */
export interface ResultReport {
  readonly capsule: Capsule;
  readonly result: CallResult;
  readonly kinds: VerbKinds;
  /** The log at the end of the run. */
  readonly log: Tree | undefined;
  readonly isJson: boolean;
  readonly isRaw: boolean;
}

/** Prints how a call ended: the answer on stdout; failure, refusals and the count on stderr. */
export function reportResult({ print }: Pick<Context, "print">, report: ResultReport): void {
  const { capsule, result, kinds, log, isJson, isRaw } = report;
  if (isJson) print.json(toJson(callDocument({ capsule, result, kinds, log })), isRaw);
  else if (result.outcome === "done" && result.text !== undefined) print.json(result.text, isRaw);
  if (result.outcome !== "done") {
    const { code, message } = result.error;
    const says = isOwnError(result) ? "says" : "ended";
    print.line(`${capsule.name} ${says}: ${message} [${code}]`, "red");
    const action = actionOfEnd(result);
    if (action !== undefined && action !== "none") print.line(`  ${action}`);
  }
  for (const line of refusalLines(result.refusals, result.usage.refusedCalls, kinds)) {
    print.line(line, "yellow");
  }
  print.line(countLine(result), "dim");
}

/** `done 12 ms · 31 reads · 2 refused · record 4711, head 5f3a…`. */
export function countLine({ outcome, usage, record, head }: CallResult): string {
  const parts = [
    `${outcome} ${duration(usage.wallMicros)}`,
    counted(usage.reads, "read"),
    `${usage.refusedCalls} refused`,
    `record ${record}, head ${head.slice(0, 16)}…`,
  ];
  return parts.join(" · ");
}

/** Prints what a capsule asks for, gets and lacks. */
export function reportPlan(
  { print }: Pick<Context, "print">,
  {
    capsule,
    plan,
    facts,
  }: { readonly capsule: Prepared; readonly plan: Plan; readonly facts: PlanFacts },
): void {
  const rows = plan.requests.map(
    (request) => `  ${STANDINGS[request.standing]}${describe(request)}`,
  );
  const given = plan.grants.map((grant) => `  ${formatGrant(grant)}   (${grant.rule})`);
  const flags = facts.flags.map((flag) => `  ${flag}`);
  const missing = facts.isApproved
    ? ["what is missing was approved by a person"]
    : ["nothing is missing"];
  const lines = [
    `${capsule.name}@${capsule.source}, digest ${capsule.digest}`,
    ...(rows.length === 0 ? ["asks for nothing"] : ["asks for", ...rows]),
    ...(given.length === 0 ? ["gets nothing"] : ["gets", ...given]),
    ...(facts.isComplete ? missing : ["lacks; run again with", ...flags]),
  ];
  for (const line of lines) print.row(line);
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  default: "given     ",
  flag: "granted   ",
  narrowed: "narrowed  ",
  missing: "missing   ",
};

function duration(micros: bigint): string {
  if (micros < 1000n) return `${micros} µs`;
  const ms = Number(micros / 1000n);
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function counted(count: bigint, what: string): string {
  return `${count} ${what}${count === 1n ? "" : "s"}`;
}
