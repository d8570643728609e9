import { textPublicKey } from "../audit/text-key.js";
import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import type { NativeLoad } from "../native.js";
import type { VerbKinds } from "../policy/grant.js";

/** Stands for the payloads of messages, beside the verbs. */
const MESSAGE = "message";

/** What keeping takes. */
export interface Keeping {
  readonly powers: Pick<Powers, "files" | "random">;
  readonly home: string;
  readonly addon: { readonly kinds: VerbKinds };
}

/**
 * What a load asks the log to keep, as it crosses; the home's key for it is made at first use.
 * Fails with `ASTRID_USAGE` for an unknown word, `ASTRID_AUDIT_KEY`.
 */
export async function keeping(
  { powers, home, addon }: Keeping,
  words: readonly string[],
): Promise<Pick<NativeLoad, "keep" | "textKey">> {
  const known = [...addon.kinds.keys(), MESSAGE];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) {
    fail("ASTRID_USAGE", `no texts of ${JSON.stringify(unknown)} can be kept`, {
      hints: [`one of ${known.join(", ")}`],
    });
  }
  if (words.length === 0) return { keep: [] };
  return { keep: [...words], textKey: await textPublicKey(powers, home) };
}
