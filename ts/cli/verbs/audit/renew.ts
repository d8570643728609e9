import { toHex } from "../../../audit/encoding.js";
import { renewLog } from "../../../audit/renewal.js";
import { HOME_FLAG, logOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";
import { withProgress } from "../../progress.js";

export const renew: Verb = {
  name: "audit renew",
  operand: "",
  about: "moves a log aside whose keys are lost, so that the next run begins a new one",
  details: [
    "The new log has new keys, and its first records say which log it follows, with its size and",
    "root. Keep the new fingerprint. Stop every kernel of the home before.",
  ],
  flags: HOME_FLAG,
  examples: ["npx astrid-native audit renew", "npx astrid-native audit renew --json"],
  run: renewVerb,
};

async function renewVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const log = await logOf(context, args);
  const renewed = await withProgress(context, "verifying the log", () =>
    renewLog(context.powers, log),
  );
  const { origin, size, root, folder } = renewed;
  const { print } = context;
  if (args.has("json")) {
    const facts = { origin, records: size, root: toHex(root), folder };
    print.json(toJson({ outcome: "done", ...facts }));
    return 0;
  }
  print.row(`${size} records, root ${toHex(root)}, are now in ${folder}`);
  print.row("the next run makes new keys and a new log that names this one");
  return 0;
}
