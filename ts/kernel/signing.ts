import { Checkpoints } from "../audit/checkpoints.js";
import { auditFolder, Signer } from "../audit/signer.js";
import type { Powers } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeKernel } from "../native.js";
import type { Addon } from "./addon.js";
import type { KernelOptions } from "./options.js";

/** What signs the log of a kernel. */
export interface Signing {
  readonly signer: Signer;
  readonly checkpoints: Checkpoints;
}

/** Opens the keys of the log that an opened kernel writes. Fails as `Signer.open`. */
export async function openSigning(
  parts: {
    readonly powers: Powers;
    readonly addon: Addon;
    readonly native: NativeKernel;
    readonly home: string;
  },
  onProblem: KernelOptions["onProblem"] = () => undefined,
): Promise<Signing> {
  const { powers, addon, native, home } = parts;
  const origin = await asking(() => addon.native.openLog(auditFolder(home)).origin());
  const signer = await Signer.open(powers, home, origin);
  const onFailure = (cause: unknown): void => onProblem({ kind: "checkpoint", cause });
  return {
    signer,
    checkpoints: new Checkpoints({ native, signer, clock: powers.clock, onFailure }),
  };
}
