import { AstridError } from "../base/errors.js";
import { grantFlag } from "../policy/grant.js";
import type { Plan, PlannedGrant } from "../policy/plan.js";
import type { Events } from "./events.js";
import type { LoadOptions, Planned } from "./options.js";

/** Who asks for a capsule's rights, and who may give what is missing. */
export interface Asking {
  readonly principal: string;
  readonly approve: LoadOptions["approve"];
  readonly events: Pick<Events, "approved">;
}

/**
 * The rows of a capsule: its plan's, and what is missing if a person approves that,
 * which is recorded first.
 *
 * Fails with `ASTRID_GRANT_MISSING`; its hints are the flags to add.
 */
export async function completeRights(
  { plan, capsule, workspace }: Planned,
  { principal, approve, events }: Asking,
): Promise<readonly PlannedGrant[]> {
  const { missing, grants, needsWorkspace } = plan;
  if (missing.length === 0) return grants;
  // Without a workspace there is nothing to approve a right on.
  const canAsk = approve !== undefined && !needsWorkspace;
  if (canAsk && (await approve({ capsule, principal, missing, workspace })) === true) {
    await events.approved({ capsule, principal }, missing);
    return [...grants, ...missing.map((grant) => ({ ...grant, rule: "approved by a person" }))];
  }
  const hints = missingFlags(plan);
  const what =
    needsWorkspace && hints.length === 1
      ? "reads workspace://: name the folder"
      : "asks for more than it was granted: run it again";
  throw new AstridError("ASTRID_GRANT_MISSING", `${capsule.name} ${what} with`, { hints });
}

/** The flags that a person would have to add, one a line. */
export function missingFlags(plan: Plan): string[] {
  const isFree = (verb: string, pattern: string): boolean =>
    verb === "fs.read" && plan.needsWorkspace && pattern.startsWith("workspace://");
  return [
    ...(plan.needsWorkspace ? ["--workspace <folder>"] : []),
    ...plan.missing
      .filter(({ verb, pattern }) => !isFree(verb, pattern))
      .map((grant) => grantFlag(grant)),
  ];
}
