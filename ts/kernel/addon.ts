import { join } from "node:path";

import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import { loadNative, type Native } from "../native.js";
import type { VerbKinds } from "../policy/grant.js";

/** The addon, and the program that compiles components for it. */
export interface Addon {
  readonly native: Native;
  /** Absolute path of the compiler program. */
  readonly compiler: string;
  readonly kinds: VerbKinds;
}

/** Loads the addon of this package. Fails with `ASTRID_UNSUPPORTED` when it can't be loaded. */
export function openAddon(powers: Pick<Powers, "host">): Addon {
  const { packageFolder } = powers.host;
  const native = load(packageFolder);
  const kinds = new Map(native.verbs().map(({ verb, kind }) => [verb, kind] as const));
  return {
    native,
    compiler: join(packageFolder, "dist", "native", "astrid-compiler"),
    kinds: kinds as VerbKinds,
  };
}

function load(packageFolder: string): Native {
  try {
    return loadNative(packageFolder);
  } catch (cause) {
    const [why] = (cause as Error).message.split("\n");
    return fail("ASTRID_UNSUPPORTED", `the addon can't be loaded: ${why}`, {
      cause,
      hints: ["in a checkout, npm run build makes it"],
    });
  }
}
