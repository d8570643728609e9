import type { Tree } from "../audit/checkpoint.js";
import { toHex } from "../audit/encoding.js";
import type { AstridError } from "../base/errors.js";
import type { Capsule } from "../kernel/capsule.js";
import type { Prepared } from "../kernel/prepare.js";
import type { CallFailure, CallResult } from "../kernel/result.js";
import type { VerbKinds } from "../policy/grant.js";
import type { Plan } from "../policy/plan.js";
import { actionOf, actionOfEnd, outcomeOf } from "./exit.js";
import { grantFor } from "./refusals.js";

/** A document as JSON text: 64-bit numbers are strings. */
export function toJson(document: object): string {
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** A call's end, and the log at the end of the run if it is known. */
export interface CallFacts {
  readonly capsule: Capsule;
  readonly result: CallResult;
  readonly kinds: VerbKinds;
  readonly log: Tree | undefined;
}

/** What `--json` says of a call's end. */
export function callDocument({ capsule, result, kinds, log }: CallFacts): object {
  const { outcome, usage, refusals, record, head } = result;
  return {
    outcome,
    ...(result.outcome === "done" ? { output: result.output ?? null } : {}),
    ...(result.outcome === "done" ? {} : { error: ending(result, result.error) }),
    usage,
    refusals: refusals.map((refusal) => ({ ...refusal, grant: grantFor(refusal, kinds) ?? null })),
    record,
    head,
    ...(log === undefined ? {} : { log: { records: log.size, root: toHex(log.root) } }),
    capsule: { name: capsule.name, identity: capsule.identity, digest: capsule.digest },
  };
}

/** What `--json` says of an error before the call. */
export function errorDocument(error: AstridError): object {
  const { code, message, details } = error;
  const hints = details.hints ?? [];
  return { outcome: outcomeOf(code), error: { code, message, action: actionOf(code), hints } };
}

/** What `--json` says of a capsule's outside. */
export function capsuleDocument(capsule: Prepared): object {
  const { name, source, digest, component, imports, exports, requests, manifest } = capsule;
  const { version, description } = manifest ?? {};
  const identity = `${name}@${source}`;
  return {
    outcome: "done",
    ...{ name, identity, version, description, digest, size: component.length },
    ...{ imports, exports, requests },
  };
}

/** What `--json` says of a plan. */
export function planDocument(capsule: Prepared, plan: Plan, facts: PlanFacts): object {
  const { name, source, digest } = capsule;
  const { requests, grants, missing } = plan;
  return {
    outcome: facts.isComplete ? "done" : "denied",
    capsule: { name, identity: `${name}@${source}`, digest },
    ...{ requests, grants, missing, flags: facts.flags, approved: facts.isApproved },
  };
}

/** What a plan alone doesn't say. */
export interface PlanFacts {
  /** Whether the capsule would run. */
  readonly isComplete: boolean;
  /** Whether a person approved what is missing. */
  readonly isApproved: boolean;
  /** What a person would have to add. */
  readonly flags: readonly string[];
}

function ending(result: CallResult, { code, message }: CallFailure): object {
  return { code, message, action: actionOfEnd(result) ?? null };
}
