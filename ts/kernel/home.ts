import { join, resolve } from "node:path";

import type { Powers } from "../base/powers.js";

/** The file that the addon leaves in a home, and refuses a folder with files without. */
const MARKER = "astrid-native-home";

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

/** The folder of a home for what was built. */
export function buildFolder(home: string): string {
  return join(home, "build");
}

/**
 * The build folder of a home that a kernel made; none where there is no home yet, or a folder that
 * a kernel would refuse.
 */
export async function knownBuildFolder(
  { files }: Pick<Powers, "files">,
  home: string,
): Promise<string | undefined> {
  const [folder, marker] = await Promise.all(
    [home, join(home, MARKER)].map((path) => files.lstat(path).catch(() => undefined)),
  );
  const isPrivate = folder?.isDirectory() === true && (folder.mode & 0o077) === 0;
  return isPrivate && marker?.isFile() === true ? buildFolder(home) : undefined;
}
