import {
  type AuditRecord,
  lastRecords,
  queryRecords,
  type RecordFilter,
  type RecordOptions,
  type RecordSource,
} from "../../../audit/query.js";
import { fail } from "../../../base/errors.js";
import { HOME_FLAG, logOf } from "../../audit/home.js";
import { momentOf, timeOf } from "../../audit/time.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";

export const log: Verb = {
  name: "audit log",
  operand: "",
  about: "shows the records of the log, or those that are asked for",
  details: ["A record is shown when it has all that the flags ask; a new line each."],
  flags: {
    capsule: { value: "<name>", about: "a capsule, by its name or as name@source" },
    principal: { value: "<name>", about: "for whom it acted" },
    kind: { value: "<kind>", about: "call, call.decision, message.end and so on" },
    verb: { value: "<verb>", about: "what was asked, fs.read for example" },
    verdict: { value: "<verdict>", about: "deny, ask or allow" },
    outcome: { value: "<outcome>", about: "how it ended: ok, error, done, denied and so on" },
    code: { value: "<code>", about: "with which error: ASTRID_NOT_FOUND and so on" },
    resource: { value: "<pattern>", about: "what it was about; * stands for any characters" },
    since: { value: "<time>", about: "from then on: 15m, 1h, 7d ago, or 2026-01-31T12:00Z" },
    until: { value: "<time>", about: "before then; written like --since" },
    last: { value: "<count>", about: "only the last of them, at most 10000" },
    "no-index": { about: "read every record, and trust no index for what there is" },
    follow: { about: "go on with what is recorded from now on, until interrupted" },
    ...HOME_FLAG,
  },
  examples: [
    "npx astrid-native audit log --capsule search --verdict deny --since 1h",
    "npx astrid-native audit log --resource 'workspace://secrets/*' --json",
    "npx astrid-native audit log --last 20 --follow",
  ],
  run: logVerb,
};

async function logVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const filter = filterOf(context, args);
  const { native } = await logOf(context, args);
  const { print, signal, powers } = context;
  const follow = args.has("follow");
  const last = args.number("last", "record-last");
  const source = { native, clock: powers.clock };
  const options = { ...filter, byRecords: args.has("no-index"), signal };
  for await (const record of wanted(source, { ...options, follow }, last)) {
    if (args.has("json")) print.json(toJson(record));
    else print.row(lineOf(record));
    if (!(await print.drained())) break;
  }
  if (signal.aborted && !follow) fail("ASTRID_CANCELLED", "interrupted");
  return 0;
}

/** All records that are wanted, or the last of them and what follows. */
async function* wanted(
  source: RecordSource,
  options: RecordOptions,
  last: number | undefined,
): AsyncGenerator<AuditRecord, void, undefined> {
  if (last === undefined) return yield* queryRecords(source, options);
  const { follow, ...once } = options;
  const found = await lastRecords(source, once, last);
  yield* found;
  const from = (found.at(-1)?.sequence ?? 0n) + 1n;
  if (follow === true) yield* queryRecords(source, { ...options, from });
}

function filterOf({ powers }: Context, args: Arguments): RecordFilter {
  const nowMs = powers.clock.wallMs();
  const moment = (flag: string): bigint | undefined => {
    const text = args.text(flag);
    return text === undefined ? undefined : momentOf(flag, text, nowMs);
  };
  return {
    capsule: args.text("capsule"),
    principal: args.text("principal"),
    kind: args.text("kind"),
    verb: args.text("verb"),
    verdict: args.text("verdict"),
    outcome: args.text("outcome"),
    code: args.text("code"),
    resource: args.text("resource"),
    sinceMicros: moment("since"),
    untilMicros: moment("until"),
  };
}

/** A record on a line: number, time, kind, who, what, verdict, outcome. */
function lineOf(record: AuditRecord): string {
  const { sequence, wallMicros, kind, capsule, verb, resource, count } = record;
  const [who] = capsule?.split("@", 1) ?? ["-"];
  const cells = [
    String(sequence).padStart(8),
    timeOf(wallMicros),
    kind.padEnd(15),
    (who ?? "-").padEnd(12),
    (record.verdict ?? "-").padEnd(5),
    (record.code ?? record.outcome ?? "-").padEnd(8),
    [verb, resource].filter(Boolean).join(" "),
    count === 1 ? "" : `×${count}`,
  ];
  return cells.join("  ").trimEnd();
}
