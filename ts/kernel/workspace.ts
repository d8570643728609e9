import { resolve } from "node:path";

import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { Native, NativeWorkspace } from "../native.js";

/** The folder of a task, as it was when the capsule was planned. */
export interface Workspace {
  /** A real path. */
  readonly path: string;
  /** Device and inode, in decimal. */
  readonly device: string;
  readonly inode: string;
}

/** What the addon opens: this folder, whatever has its path by then. */
export function toNative({ path, device, inode }: Workspace): NativeWorkspace {
  return { path, device: BigInt(device), inode: BigInt(inode) };
}

/**
 * The folder that a person named as workspace. Fails with `ASTRID_WORKSPACE` when it is missing, no
 * directory, or equals, contains or lies in the home.
 */
export async function openWorkspace(
  { powers, native }: { readonly powers: Pick<Powers, "files" | "host">; readonly native: Native },
  folder: string,
  home: string,
): Promise<Workspace> {
  const named = resolve(powers.host.workingFolder(), folder);
  try {
    const path = await powers.files.realpath(named);
    const { device, inode } = await asking(() => native.checkWorkspace(path, home));
    return { path, device: String(device), inode: String(inode) };
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    if (reason === undefined || reason.startsWith("ASTRID_")) throw cause;
    return fail(
      "ASTRID_WORKSPACE",
      `${JSON.stringify(folder)} can't be the workspace (${reason})`,
      {
        cause,
        hints: ["name an existing folder"],
      },
    );
  }
}
