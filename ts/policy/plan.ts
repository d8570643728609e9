import { fail } from "../base/errors.js";
import { formatGrant, type Grant, type VerbKinds } from "./grant.js";
import { covers, literalNames, rootOf } from "./pattern.js";
import { isSurelyOrdinary } from "./protected.js";

/** Where a right comes from; `missing` is one that the capsule asks for and does not have. */
export type Standing = "default" | "flag" | "narrowed" | "missing";

/** One right that a capsule asks for. */
export interface PlannedRequest extends Grant {
  readonly standing: Standing;
}

/** A row for the gate. */
export interface PlannedGrant extends Grant {
  /** What records name as the rule. */
  readonly rule: string;
}

/** What a capsule asks for, what it gets, and what a person would have to add. */
export interface Plan {
  readonly requests: readonly PlannedRequest[];
  readonly grants: readonly PlannedGrant[];
  readonly missing: readonly Grant[];
  /** Flags with verbs that the capsule does not ask for. */
  readonly unasked: readonly Grant[];
  /** Whether a right is missing because there is no workspace it could be about. */
  readonly needsWorkspace: boolean;
}

/** What a plan is made of. */
export interface PlanInput {
  readonly requests: readonly Grant[];
  /** What the person gave in so many words. */
  readonly flags: readonly Grant[];
  readonly hasWorkspace: boolean;
  readonly kinds: VerbKinds;
}

const WORKSPACE = "workspace://";
const OWN = new Set([
  "clock.read",
  "config.read",
  "kv.read",
  "kv.write",
  "log.write",
  "random.read",
]);

/**
 * What a capsule may do. It gets of its requests what harms nobody (its own store, settings and
 * scratch space, log, clock, random, and reading in the workspace), and every flag. A flag inside
 * a request stands for it: the capsule then runs with the narrower right.
 *
 * Fails with `ASTRID_WORKSPACE` for a flag about a workspace that isn't there.
 */
export function makePlan(input: PlanInput): Plan {
  const { flags, hasWorkspace } = input;
  const orphan = flags.find((flag) => rootOf(flag.pattern) === WORKSPACE);
  if (orphan !== undefined && !hasWorkspace) {
    fail(
      "ASTRID_WORKSPACE",
      `${orphan.verb} is granted on workspace://, but there is no workspace`,
      {
        hints: ["name the folder with --workspace"],
      },
    );
  }
  const requests = input.requests.map((request) => ({
    verb: request.verb,
    pattern: request.pattern,
    standing: standing(request, input),
  }));
  const byDefault = requests.filter((request) => request.standing === "default");
  const verbs = new Set(requests.map(({ verb }) => verb));
  return {
    requests,
    grants: [
      ...byDefault.map(({ verb, pattern }) => ({ verb, pattern, rule: "default of run" })),
      ...flags.map((flag) => ({ ...flag, rule: `run --grant ${formatGrant(flag)}` })),
    ],
    missing: requests
      .filter((request) => request.standing === "missing")
      .map(({ verb, pattern }) => ({ verb, pattern })),
    unasked: flags.filter(({ verb }) => !verbs.has(verb)),
    needsWorkspace:
      !hasWorkspace && input.requests.some((request) => rootOf(request.pattern) === WORKSPACE),
  };
}

function standing(request: Grant, { flags, hasWorkspace, kinds }: PlanInput): Standing {
  if (isDefault(request, hasWorkspace)) return "default";
  if (flags.some((flag) => covers(flag, request, kinds))) return "flag";
  return flags.some((flag) => covers(request, flag, kinds)) ? "narrowed" : "missing";
}

function isDefault({ verb, pattern }: Grant, hasWorkspace: boolean): boolean {
  if (OWN.has(verb)) return true;
  const root = rootOf(pattern);
  if (root === "tmp://" && (verb === "fs.read" || verb === "fs.write")) return true;
  // A protected name that the capsule's own manifest writes out is not a person's literal grant.
  return (
    verb === "fs.read" &&
    root === WORKSPACE &&
    hasWorkspace &&
    literalNames(pattern).every(isSurelyOrdinary)
  );
}
