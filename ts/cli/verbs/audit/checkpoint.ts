import type { KeyChain } from "../../../audit/chain.js";
import { toHex } from "../../../audit/encoding.js";
import { checkpointsPath, type Kept, lastCheckpoint } from "../../../audit/notes-file.js";
import { fail } from "../../../base/errors.js";
import { homePath } from "../../../kernel/home.js";
import { HOME_FLAG, signersOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";

export const checkpoint: Verb = {
  name: "audit checkpoint",
  operand: "",
  about: "prints the last checkpoint of the log, to be kept elsewhere",
  details: [
    "What it stands for can't be changed, cut or reordered unnoticed once it is out of reach.",
    "Its signatures are verified here, the records are not: that is audit verify.",
  ],
  flags: HOME_FLAG,
  examples: [
    "npx astrid-native audit checkpoint > kept.txt",
    "astrid-native audit checkpoint --json",
  ],
  run: checkpointVerb,
};

async function checkpointVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const home = homePath(context.powers, args.text("home"));
  const kept = await lastOf(context, home, await signersOf(context, home));
  const { size, root, source } = kept;
  if (args.has("json")) {
    context.print.json(toJson({ outcome: "done", size, root: toHex(root), note: source }));
  } else {
    context.print.document(source);
  }
  return 0;
}

/** The last checkpoint of a home, signed as it must be. Fails with `ASTRID_NOT_FOUND`. */
export async function lastOf({ powers }: Context, home: string, chain: KeyChain): Promise<Kept> {
  const kept = await lastCheckpoint(powers.files, checkpointsPath(home));
  if (kept === undefined) fail("ASTRID_NOT_FOUND", "the log has no checkpoint yet");
  chain.epochOf(kept);
  return kept;
}
