import { basename, dirname, join, resolve } from "node:path";

import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import { MANIFEST_NAME } from "../capsule/manifest.js";

/** Where a capsule's bytes come from. */
export type Source =
  /** `folder` is a real path. */
  | { readonly kind: "folder"; readonly folder: string; readonly isShipped: boolean }
  | { readonly kind: "file"; readonly file: string };

type SourcePowers = Pick<Powers, "files" | "host">;

/** What may be the name of a shipped capsule: one that can't be a path. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * What `text` names: a shipped capsule, a capsule's folder or a component. A plain name means the
 * shipped capsule even where a folder of that name lies here: what lies here is not trusted.
 *
 * Fails with `ASTRID_NOT_FOUND`.
 */
export async function resolveSource(powers: SourcePowers, text: string): Promise<Source> {
  const shipped = join(powers.host.packageFolder, "capsules");
  if (NAME.test(text)) {
    const folder = join(shipped, text);
    if (await exists(powers, join(folder, MANIFEST_NAME))) return folderSource(powers, folder);
  }
  const path = resolve(powers.host.workingFolder(), text);
  const found = await powers.files.stat(path).catch(() => undefined);
  if (found === undefined) {
    const names = await shippedNames(powers, shipped);
    return fail(
      "ASTRID_NOT_FOUND",
      `${JSON.stringify(text)} is no folder, file or shipped capsule`,
      {
        hints: names.length === 0 ? [] : [`shipped: ${names.join(", ")}`],
      },
    );
  }
  if (found.isDirectory()) {
    if (await exists(powers, join(path, MANIFEST_NAME))) return folderSource(powers, path);
    const what = `${JSON.stringify(text)} has no ${MANIFEST_NAME}, so it is no capsule`;
    return fail("ASTRID_NOT_FOUND", what);
  }
  return { kind: "file", file: await powers.files.realpath(path) };
}

/** The names of the capsules that ship with this package. */
async function shippedNames(powers: SourcePowers, folder: string): Promise<string[]> {
  const names = await powers.files.readdir(folder).catch(() => []);
  const isCapsule = await Promise.all(
    names.map((name) => exists(powers, join(folder, name, MANIFEST_NAME))),
  );
  return names.filter((_, at) => isCapsule[at]).sort();
}

async function folderSource(powers: SourcePowers, path: string): Promise<Source> {
  const folder = await powers.files.realpath(path);
  const shipped = join(await powers.files.realpath(powers.host.packageFolder), "capsules");
  const isShipped = dirname(folder) === shipped && NAME.test(basename(folder));
  return { kind: "folder", folder, isShipped };
}

async function exists(powers: SourcePowers, path: string): Promise<boolean> {
  return powers.files.stat(path).then(
    () => true,
    () => false,
  );
}
