import { type Receipt, receiptText } from "../../../audit/prune.js";
import { verifyLog } from "../../../audit/verify.js";
import { fail } from "../../../base/errors.js";
import { asking } from "../../../native/errors.js";
import type { NativePruned, NativeUntil } from "../../../native/log.js";
import { chainOf, HOME_FLAG, logOf } from "../../audit/home.js";
import { keptFlag } from "../../audit/kept.js";
import { momentOf } from "../../audit/time.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";
import { withProgress } from "../../progress.js";

export const prune: Verb = {
  name: "audit prune",
  operand: "",
  about: "takes the bodies of old records out; the log verifies and proves as before",
  details: [
    "Their hashes stay, and so do checkpoints, keys, and what tells which capsules ran and who was",
    "given what. What was taken out is recorded first. It can't be brought back.",
    "The range must be in a checkpoint that was kept elsewhere, or --unanchored says it need not.",
  ],
  flags: {
    before: { value: "<time>", about: "records older than this: 90d, 12w, or 2026-01-31" },
    through: { value: "<record>", about: "or all up to this one" },
    against: {
      value: "<file | size:root>",
      isRepeatable: true,
      about: "what was kept, as audit verify takes it; it is verified first",
    },
    unanchored: { about: "prune what no kept checkpoint vouches for" },
    "dry-run": { about: "only say what would go" },
    ...HOME_FLAG,
  },
  examples: [
    "npx astrid-native audit prune --before 90d --against kept.txt",
    "npx astrid-native audit prune --before 90d --dry-run",
  ],
  run: pruneVerb,
};

async function pruneVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const log = await logOf(context, args);
  const until = untilOf(context, args);
  const found = await withProgress(context, "looking at the log", () =>
    asking(() => log.native.prunable(until)),
  );
  if (found.bodies === 0n || args.has("dry-run")) return told(context, args, { found });
  const anchors = await keptFlag(context, args, log);
  const chain = await chainOf(context, log.home);
  const verified = await withProgress(context, "verifying the log", () =>
    verifyLog(log, { chain, anchors, fingerprint: undefined }),
  );
  const receipt = { through: found.through, until, anchored: verified.anchored };
  checkAnchored(receipt, args.has("unanchored"));
  const { sequence, pruned } = await withProgress(context, "pruning the log", () =>
    asking(() => log.native.prune(found.through, receiptText(receipt))),
  );
  return told(context, args, { found: pruned, receipt: sequence });
}

/** Refuses a range that nobody but this home vouches for. Fails `ASTRID_AUDIT_UNANCHORED`. */
function checkAnchored({ through, anchored }: Receipt, isAccepted: boolean): void {
  if (through <= anchored || isAccepted) return;
  const what =
    anchored === 0n
      ? `records 1 to ${through} are in no kept checkpoint`
      : `the kept checkpoint ends at record ${anchored}, the range at ${through}`;
  fail("ASTRID_AUDIT_UNANCHORED", what, {
    hints: [
      "pass what audit checkpoint printed and was kept elsewhere: --against kept.txt",
      ...(anchored === 0n ? [] : [`or prune less: --through ${anchored}`]),
    ],
  });
}

function untilOf({ powers }: Context, args: Arguments): NativeUntil {
  const [before, through] = [args.text("before"), args.text("through")];
  if (before !== undefined && through === undefined) {
    return { beforeMicros: momentOf("before", before, powers.clock.wallMs()) };
  }
  if (through !== undefined && before === undefined && /^[1-9][0-9]{0,18}$/.test(through)) {
    return { through: BigInt(through) };
  }
  return fail("ASTRID_USAGE", "say how far: --before <time>, or --through <record>", {
    hints: ["for example: astrid-native audit prune --before 90d --dry-run"],
  });
}

function told(
  { print }: Context,
  args: Arguments,
  { found, receipt }: { readonly found: NativePruned; readonly receipt?: bigint },
): number {
  if (args.has("json")) {
    print.json(
      toJson({ outcome: "done", ...found, ...(receipt === undefined ? {} : { receipt }) }),
    );
    return 0;
  }
  const { through, bodies, bytes } = found;
  const what = `${bodies} of the records 1 to ${through}, ${bytes} bytes`;
  if (bodies === 0n) print.row("nothing to prune");
  else if (receipt === undefined) print.row(`would take out the bodies of ${what}`);
  else print.row(`took out the bodies of ${what}; receipt: record ${receipt}`);
  return 0;
}
