import type { CallRefusal } from "../kernel/result.js";
import { grantFlag, type VerbKinds } from "../policy/grant.js";
import { literalPattern } from "../policy/pattern.js";

/** Refusals told one by one. */
const SHOWN_MAX = 5;

/** A line for each distinct refusal, at most five, and one that counts the others. */
export function refusalLines(
  refusals: readonly CallRefusal[],
  total: bigint,
  kinds: VerbKinds,
): readonly string[] {
  const distinct = new Map(
    refusals.toReversed().map((one) => [JSON.stringify([one.verb, one.resource, one.why]), one]),
  );
  const inOrder = [...distinct.values()].toReversed();
  const lines = inOrder.slice(0, SHOWN_MAX).map((refusal) => refusalLine(refusal, kinds));
  const others = inOrder.length - SHOWN_MAX;
  if (others > 0) lines.push(`… and ${others} more`);
  // The capsule's refusals beyond what was kept are only a number.
  const lost = total - BigInt(refusals.length);
  if (lost > 0n) lines.push(`… and ${lost} refused calls that are only in the log`);
  return lines;
}

/** The flag that would allow what was refused; none where no flag can. */
export function grantFor(refusal: CallRefusal, kinds: VerbKinds): string | undefined {
  const { verb, resource, why } = refusal;
  const kind = kinds.get(verb);
  // Revoked stays revoked, and what a rule denies no other rule allows.
  if (kind === undefined || why === "revoked" || why === "rule" || why === "inside")
    return undefined;
  const pattern = literalPattern(kind, resource);
  // A protected name opens only where it is written out.
  if (why === "protected" && pattern !== resource) return undefined;
  return grantFlag({ verb, pattern });
}

function refusalLine(refusal: CallRefusal, kinds: VerbKinds): string {
  const { number, verb, resource } = refusal;
  const flag = grantFor(refusal, kinds);
  const subject = resource === "" ? verb : `${verb} ${resource}`;
  return `refused ${number}: ${subject} (${reason(refusal)})${way(refusal, flag)}`;
}

function way({ why }: CallRefusal, flag: string | undefined): string {
  if (why === "protected") {
    const literal = flag ?? "a grant that writes it out opens it";
    return `; only ${flag === undefined ? "" : "if you mean it: "}${literal}`;
  }
  return flag === undefined ? "" : `; ${flag} would allow it`;
}

function reason({ why, rule, protected: what }: CallRefusal): string {
  switch (why) {
    case "no-rule":
      return "nothing grants it";
    case "protected":
      return `a protected name: ${what ?? "guarded"}`;
    case "inside":
      return `a rule inside it would not move along: ${rule ?? "unnamed"}`;
    case "rule":
      return `denied by ${rule ?? "a rule"}`;
    case "revoked":
      return "its authority was revoked";
    default:
      return why;
  }
}
