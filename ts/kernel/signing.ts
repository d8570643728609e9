import { Checkpoints } from "../audit/checkpoints.js";
import { linkRenewed } from "../audit/renewal.js";
import { auditFolder, Signer } from "../audit/signer.js";
import { Witnesses } from "../audit/witness/witnesses.js";
import type { Powers } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeKernel } from "../native.js";
import type { ServiceProblem } from "../services/service.js";
import type { Addon } from "./addon.js";
import type { KernelOptions } from "./options.js";

/** What signs the log of a kernel, and tells of it. */
export interface Signing {
  readonly signer: Signer;
  readonly checkpoints: Checkpoints;
  readonly witnesses: Witnesses;
}

/** Opens the keys of the log that a kernel writes. Fails as `Signer.open` and `linkRenewed`. */
export async function openSigning(
  parts: {
    readonly powers: Powers;
    readonly addon: Addon;
    readonly native: NativeKernel;
    readonly home: string;
  },
  options: Pick<KernelOptions, "onProblem" | "witnesses">,
): Promise<Signing> {
  const { powers, addon, native, home } = parts;
  const report = (problem: ServiceProblem): void => {
    try {
      options.onProblem?.(problem);
    } catch {
      // There is nobody left to tell.
    }
  };
  const witnesses = new Witnesses({
    powers,
    home,
    witnesses: options.witnesses ?? [],
    onFailure: (cause) => report({ kind: "witness", cause }),
  });
  const origin = await asking(() => addon.native.openLog(auditFolder(home)).origin());
  const signer = await Signer.open(powers, home, origin);
  await linkRenewed(powers, native, { home, origin });
  const checkpoints = new Checkpoints({
    native,
    signer,
    clock: powers.clock,
    onNote: (note) => witnesses.tell(note),
    onFailure: (cause) => report({ kind: "checkpoint", cause }),
  });
  return { signer, checkpoints, witnesses };
}
