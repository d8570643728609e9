import { logName } from "../../../audit/checkpoint.js";
import { formatKey } from "../../../audit/note.js";
import { homePath } from "../../../kernel/home.js";
import { HOME_FLAG, signersOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";

export const key: Verb = {
  name: "audit key",
  operand: "",
  about: "shows the fingerprint of the keys that sign the log",
  details: [
    "Note it down elsewhere: audit verify --key then tells whether it is still the same log.",
    "The second line is the log's key as other verifiers of signed notes take it.",
  ],
  flags: HOME_FLAG,
  examples: ["npx astrid-native audit key", "astrid-native audit key --json"],
  run: keyVerb,
};

async function keyVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const { print, powers } = context;
  const chain = await signersOf(context, homePath(powers, args.text("home")));
  const { fingerprint, roots } = chain;
  const verifier = formatKey({ name: logName(roots.origin), publicKey: roots.logKey });
  if (args.has("json")) {
    print.json(toJson({ outcome: "done", fingerprint, origin: roots.origin, key: verifier }));
    return 0;
  }
  print.row(fingerprint);
  print.row(verifier);
  return 0;
}
