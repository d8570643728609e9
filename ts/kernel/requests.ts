import { type Grants, type InterfaceName, VERB_NAMES, verbsOf } from "../capsule/grants.js";
import type { Grant } from "../policy/grant.js";

/** What a manifest asks for, a row a pattern. */
export function requestsOfManifest(grants: Grants): readonly Grant[] {
  return VERB_NAMES.flatMap((verb) => {
    const asked = grants[verb];
    if (asked === undefined) return [];
    return (asked === true ? [""] : asked).map((pattern) => ({ verb, pattern }));
  });
}

/** What a component without a manifest is taken to ask for, by the interface it imports. */
const IMPLIED: Readonly<Record<InterfaceName, readonly string[]>> = {
  clock: [""],
  config: ["*"],
  fs: ["tmp://**"],
  ipc: ["**"],
  kv: ["*"],
  log: [""],
  random: [""],
};

/** What the imports of a component ask for. Imports that nothing opens are left to the load. */
export function requestsOfImports(imports: readonly string[]): readonly Grant[] {
  return imports.flatMap((name) => {
    const found = /^astrid:capsule\/([a-z]+)@/.exec(name)?.[1];
    if (found === undefined || !Object.hasOwn(IMPLIED, found)) return [];
    const opened = found as InterfaceName;
    return verbsOf(opened).flatMap((verb) => IMPLIED[opened].map((pattern) => ({ verb, pattern })));
  });
}
