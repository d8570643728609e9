// One record's body: strict, so that each record has one encoding.
import { Cursor, textOf } from "./bytes.js";
import {
  BODY_BYTES,
  FIELDS,
  HEADER_BYTES,
  KINDS,
  NAME_BYTES,
  OUTCOMES,
  TEXT_BYTES,
  VERDICTS,
} from "./format.js";

/** The record in these bytes; throws if they aren't exactly one. */
export function decodeRecord(bytes) {
  check(bytes.length >= HEADER_BYTES && bytes.length <= BODY_BYTES, "length");
  const cursor = new Cursor(bytes);
  const record = readHeader(cursor);
  for (const [bit, [name, type]] of FIELDS.entries()) {
    if (((record.fields >>> bit) & 1) === 1) record[name] = READERS[type](cursor);
  }
  check(cursor.left === 0, "bytes after the last field");
  checkFields(record);
  return record;
}

function readHeader(cursor) {
  const kind = KINDS.get(cursor.u16());
  check(kind !== undefined, "kind");
  const verdict = VERDICTS[cursor.u8()];
  const outcome = OUTCOMES[cursor.u8()];
  check(verdict !== undefined && outcome !== undefined, "verdict or outcome");
  const fields = cursor.u32();
  check(fields < 2 ** FIELDS.length, "bits of fields");
  const [sequence, wallUs, monoNs] = [cursor.u64(), cursor.u64(), cursor.u64()];
  const run = cursor.take(8);
  const counter = cursor.u64();
  const count = cursor.u32();
  check(sequence > 0n && count > 0, "sequence or count");
  return {
    kind: kind.name,
    allowed: kind,
    verdict,
    outcome,
    fields,
    sequence,
    wallUs,
    monoNs,
    run,
    counter,
    count,
  };
}

/** Kinds that the log writes itself, which have no number. */
const OWN_NOTES = ["log.recovered", "log.lost"];

const READERS = {
  u64: (cursor) => cursor.u64(),
  id: (cursor) => cursor.take(8),
  digest: (cursor) => cursor.take(32),
  usage: (cursor) => Array.from({ length: 6 }, () => cursor.u64()),
  name: (cursor) => readText(cursor, NAME_BYTES),
  text: (cursor) => readText(cursor, TEXT_BYTES),
};

/** A text, and the digest of the whole if it was cut: then its next character didn't fit. */
function readText(cursor, bound) {
  const word = cursor.u16();
  const length = word & 0x7fff;
  const isCut = word > 0x7fff;
  check(length <= bound && (!isCut || length > bound - 4), "length of a text");
  const kept = textOf(cursor.take(length));
  return isCut ? { kept, whole: cursor.take(32) } : { kept };
}

function checkFields(record) {
  const has = (name) =>
    name === "verdict" || name === "outcome" ? record[name] !== "none" : name in record;
  const { has: required, all } = record.allowed;
  check(required.every(has), "a field that its kind must have");
  const names = ["verdict", "outcome", ...FIELDS.map(([name]) => name)];
  check(!names.some((name) => has(name) && !all.has(name)), "a field that its kind can't have");
  check(record.cause !== 0n, "cause");
  check(!has("rule") || has("verdict"), "a rule without a verdict");
  const { since, count, wallUs, counter } = record;
  check(since === undefined || (count > 1 && since <= wallUs), "since");
  check((counter === 0n) === OWN_NOTES.includes(record.kind), "counter");
  const isFine = ["none", "done", "ok"].includes(record.outcome);
  check(!(has("code") && isFine), "a code of what went well");
  check(!has("code") || record.code.kept.startsWith("ASTRID_"), "code");
  check(has("code") || record.outcome !== "error", "an error without a code");
}

function check(holds, what) {
  if (!holds) throw new RangeError(`not a record: ${what}`);
}
