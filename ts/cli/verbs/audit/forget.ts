import { fail } from "../../../base/errors.js";
import { asking } from "../../../native/errors.js";
import { HOME_FLAG, logOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { operand } from "../../operand.js";

export const forget: Verb = {
  name: "audit forget",
  operand: "<record | first-last>",
  about: "destroys the kept arguments of records; the log verifies and proves as before",
  details: [
    "Their salts are destroyed too, so nobody can find the arguments by guessing. The records",
    "stay, with verb, resource and outcome. The act is recorded first. It can't be undone.",
  ],
  flags: HOME_FLAG,
  examples: [
    "npx astrid-native audit forget 81213",
    "npx astrid-native audit forget 100-199 --json",
  ],
  run: forgetVerb,
};

async function forgetVerb(context: Context, args: Arguments): Promise<number> {
  const [first, last] = rangeOf(operand(args, "records by their numbers"));
  const { native } = await logOf(context, args);
  const range = first === last ? `${first}` : `${first}-${last}`;
  const { sequence, salts, texts } = await asking(() =>
    native.forget(first, last, `forget ${range}`),
  );
  if (args.has("json")) {
    const document = { outcome: "done", first, last, salts, texts, receipt: sequence };
    context.print.json(toJson(document));
    return 0;
  }
  const what = `destroyed ${texts} texts and ${salts} salts of the records ${range}`;
  context.print.row(`${what}; receipt: record ${sequence}`);
  return 0;
}

function rangeOf(word: string): readonly [bigint, bigint] {
  const [, begin = "", end = begin] = /^([1-9]\d{0,18})(?:-([1-9]\d{0,18}))?$/.exec(word) ?? [];
  const [first, last] = [BigInt(begin), BigInt(end)];
  if (begin !== "" && first <= last) return [first, last];
  return fail("ASTRID_USAGE", `no records are named by ${JSON.stringify(word)}`, {
    hints: ["for example: astrid-native audit forget 100-199"],
  });
}
