import { join } from "node:path";

import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import { addonPath, loadNative, type Native, type NativeOpen } from "../native.js";
import type { VerbKinds } from "../policy/grant.js";

/** The addon, and the program that compiles components for it. */
export interface Addon {
  readonly native: Native;
  /** Absolute path of the addon. */
  readonly path: string;
  /** Absolute path of the compiler program. */
  readonly compiler: string;
  readonly kinds: VerbKinds;
}

/** A kernel to open. */
export interface Opening {
  readonly powers: Pick<Powers, "host">;
  readonly addon: Addon;
  readonly home: string;
  readonly instances: number;
}

/** Loads the addon of this package. Fails with `ASTRID_UNSUPPORTED` when it can't be loaded. */
export function openAddon(powers: Pick<Powers, "host">): Addon {
  const { packageFolder } = powers.host;
  const native = load(packageFolder);
  const kinds = new Map(native.verbs().map(({ verb, kind }) => [verb, kind] as const));
  return {
    native,
    path: addonPath(packageFolder),
    compiler: join(packageFolder, "dist", "native", "astrid-compiler"),
    kinds: kinds as VerbKinds,
  };
}

/** What the addon opens a kernel with. */
export function nativeOptions({ powers, addon, home, instances }: Opening): NativeOpen {
  const { runtime } = powers.host;
  return { home, addon: addon.path, compiler: addon.compiler, runtime, instances, workers: 0 };
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
