import { fail } from "../base/errors.js";
import { nearest } from "../capsule/manifest/suggest.js";
import { fromNative } from "../native/errors.js";
import { type Grant, parseGrant } from "../policy/grant.js";
import type { Addon } from "./addon.js";

/** What `--grant` texts say, each checked by the gate. Fails with `ASTRID_GRANT`. */
export function readGrants(addon: Addon, texts: readonly string[]): readonly Grant[] {
  const grants = texts.flatMap(parseGrant);
  for (const grant of grants) checkGrant(addon, grant);
  return grants;
}

/** Fails with `ASTRID_GRANT` unless the gate takes this row. */
export function checkGrant({ native, kinds }: Addon, { verb, pattern }: Grant): void {
  const kind = kinds.get(verb);
  if (kind === undefined) {
    const meant = nearest(verb, [...kinds.keys()]);
    fail("ASTRID_GRANT", `${JSON.stringify(verb)} is not a verb`, {
      hints: [
        meant === undefined ? `verbs: ${[...kinds.keys()].join(", ")}` : `did you mean ${meant}?`,
      ],
    });
  }
  if (kind !== "nothing" && pattern === "") {
    fail("ASTRID_GRANT", `${verb} needs a pattern`, { hints: [`write ${verb}=${EXAMPLES[kind]}`] });
  }
  try {
    native.checkGrant(verb, pattern);
  } catch (caught) {
    throw fromNative(caught);
  }
}

const EXAMPLES = { path: "workspace://docs/**", topic: "tool.*", key: "user/*" } as const;
