import { prove as proofOf } from "../../../audit/proof.js";
import { HOME_FLAG, logOf, signersOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { lastOf } from "./checkpoint.js";
import { sequenceOperand } from "./show.js";

export const prove: Verb = {
  name: "audit prove",
  operand: "<record>",
  about: "prints a proof that a record is in the log, which verifies without the log",
  details: [
    "The proof names the record by its hash, which docs/audit.md makes from the record's bytes,",
    "and tells nothing of other records. audit verify --proof checks it.",
  ],
  flags: HOME_FLAG,
  examples: ["npx astrid-native audit prove 81213 > proof.txt"],
  run: proveVerb,
};

async function proveVerb(context: Context, args: Arguments): Promise<number> {
  const sequence = sequenceOperand(args);
  const log = await logOf(context, args);
  const chain = await signersOf(context, log.home);
  const proof = await proofOf(log, chain, {
    sequence,
    kept: await lastOf(context, log.home, chain),
  });
  if (args.has("json")) context.print.json(toJson({ outcome: "done", record: sequence, proof }));
  else context.print.document(proof);
  return 0;
}
