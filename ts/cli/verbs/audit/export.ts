import { queryRecords } from "../../../audit/query.js";
import { fail } from "../../../base/errors.js";
import { HOME_FLAG, logOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";

export const exporting: Verb = {
  name: "audit export",
  operand: "",
  about: "prints all records as JSON, one a line",
  details: ["64-bit numbers are strings; docs/audit.md says what each field means."],
  flags: HOME_FLAG,
  examples: ["astrid-native audit export > records.ndjson"],
  run: exportVerb,
};

async function exportVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const { native } = await logOf(context, args);
  const { print, signal, powers } = context;
  for await (const record of queryRecords({ native, clock: powers.clock }, { signal })) {
    print.json(toJson(record));
    if (!(await print.drained())) break;
  }
  if (signal.aborted) fail("ASTRID_CANCELLED", "interrupted");
  return 0;
}
