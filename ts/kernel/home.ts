import { join, resolve } from "node:path";

import type { Powers } from "../base/powers.js";

/** The folder's name in the person's home folder. */
const HOME_NAME = ".astrid-native";

/** The absolute path of the home: `given`, else `ASTRID_NATIVE_HOME`, else `~/.astrid-native`. */
export function homePath(powers: Pick<Powers, "host">, given?: string): string {
  const { host } = powers;
  const named = given ?? host.environment["ASTRID_NATIVE_HOME"];
  // An empty variable is one that was not set.
  if (named === undefined || (given === undefined && named === "")) {
    return join(host.homeFolder, HOME_NAME);
  }
  return resolve(host.workingFolder(), named);
}
