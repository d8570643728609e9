import { fail } from "../../../base/errors.js";
import type { NativeRecord } from "../../../native/log.js";
import { recordAt, recordOf } from "../../audit/find.js";
import { HOME_FLAG, logOf } from "../../audit/home.js";
import { OPEN_FLAGS, openedDocument, openedFlag, openedRows } from "../../audit/opened.js";
import { timeOf } from "../../audit/time.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { operand } from "../../operand.js";

export const show: Verb = {
  name: "audit show",
  operand: "<record>",
  about: "shows one record: who, for whom, what, under which rule, how it ended, at what cost",
  details: ["A record's number is its place in the log, or the run that made it and a counter."],
  flags: { ...OPEN_FLAGS, ...HOME_FLAG },
  examples: [
    "npx astrid-native audit show 81213",
    "npx astrid-native audit show 81213 --open",
    "npx astrid-native audit show 5f0c2a9be1d34477.17 --json",
  ],
  run: showVerb,
};

async function showVerb(context: Context, args: Arguments): Promise<number> {
  const word = operand(args, "a record by its number");
  const ofRun = /^([0-9a-f]{16})\.([1-9][0-9]{0,18})$/.exec(word);
  const sequence = ofRun === null ? sequenceOf(word) : 0n;
  const log = await logOf(context, args);
  const source = { native: log.native, clock: context.powers.clock };
  const record =
    ofRun === null
      ? await recordAt(source, sequence)
      : await recordOf(source, { run: ofRun[1] ?? "", counter: BigInt(ofRun[2] ?? "") });
  if (record === undefined) fail("ASTRID_NOT_FOUND", `the log has no record ${word}`);
  const opened = await openedFlag(context, args, log, record.sequence);
  if (args.has("json")) {
    const text = opened === undefined ? {} : { text: openedDocument(opened) };
    context.print.json(toJson({ ...record, ...text }));
    return 0;
  }
  const rows = [...rowsOf(record), ...(opened === undefined ? [] : openedRows(opened))];
  for (const [name, text] of rows) context.print.row(`${name.padEnd(11)}${text}`);
  return 0;
}

/** The record that a verb's one word names. Fails with `ASTRID_USAGE`. */
export function sequenceOperand(args: Arguments): bigint {
  return sequenceOf(operand(args, "a record by its number"));
}

function sequenceOf(word: string): bigint {
  if (!/^[1-9][0-9]{0,18}$/.test(word)) {
    fail("ASTRID_USAGE", `a record's number is a whole number from 1, not ${JSON.stringify(word)}`);
  }
  return BigInt(word);
}

/** What a record says, in the order in which a person asks. */
function rowsOf(record: NativeRecord): (readonly [string, string])[] {
  const { capsule, principal, verb, resource, verdict, rule, outcome, code, cause } = record;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["record", String(record.sequence)],
    ["time", timeOf(record.wallMicros)],
    ["kind", record.kind],
    ["who", capsule],
    ["component", record.component],
    ["for whom", principal],
    ["authority", record.authority],
    ["message", record.message],
    ["what", verb === undefined ? resource : [verb, resource].filter(Boolean).join(" ")],
    ["commitment", record.commitment],
    ["verdict", verdict],
    ["rule", rule],
    ["outcome", outcome === undefined ? undefined : [outcome, code].filter(Boolean).join(" ")],
    ["cost", record.usage === undefined ? undefined : costOf(record.usage)],
    ["times", record.count === 1 ? undefined : String(record.count)],
    ["since", record.sinceMicros === undefined ? undefined : timeOf(record.sinceMicros)],
    ["follows", cause === 0n ? undefined : `record ${cause}`],
    ["lost", record.lost?.toString()],
    ["number", record.counter === 0n ? record.run : `${record.run}.${record.counter}`],
    ["link", record.link],
  ];
  return rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

function costOf(usage: NonNullable<NativeRecord["usage"]>): string {
  const { fuel, wallMicros, peakMemoryBytes, hostCalls, bytesIn, bytesOut } = usage;
  return [
    `${fuel} fuel`,
    `${wallMicros} µs`,
    `${peakMemoryBytes} bytes of memory`,
    `${hostCalls} host calls`,
    `${bytesIn} bytes in`,
    `${bytesOut} bytes out`,
  ].join(", ");
}
