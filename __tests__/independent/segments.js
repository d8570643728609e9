// The records of a log's folder, in order, each held against its link.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Cursor, Finding, isSame, utf8 } from "./bytes.js";
import { BODY_BYTES, DIGEST_BYTES } from "./format.js";
import { genesis, linkOf, recordHash } from "./hashes.js";
import { decodeRecord } from "./record.js";
import { Runs } from "./runs.js";

const SEGMENT_HEADER_BYTES = 88;
const [BODY, HASH] = [1, 2];

/** The bytes of a file, or none if there is no such file. */
export function readIfThere(path) {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The origin that the log's folder names. */
export function readOrigin(folder) {
  const cursor = new Cursor(readIfThere(join(folder, "origin")) ?? new Uint8Array());
  if (cursor.left !== 44 || !startsWith(cursor, "ASTRORG\n") || cursor.u32() !== 1) {
    throw corrupt("the origin");
  }
  return cursor.take(32);
}

/** Every record: sequence, hash, and body unless it is pruned. */
export function* readRecords(folder, origin) {
  const state = { sequence: 1n, link: genesis(origin), torn: 0, runs: new Runs() };
  const count = segmentCount(folder);
  for (let number = 1; number <= count; number++) {
    const bytes = readIfThere(join(folder, segmentName(number)));
    if (bytes === undefined) throw corrupt(`segment ${number} is missing`);
    const cursor = new Cursor(bytes);
    checkHeader(cursor, { number, origin, ...state });
    yield* readFrames(cursor, { number, state, isLast: number === count });
  }
  return state.torn;
}

const segmentName = (number) => `segment-${String(number).padStart(8, "0")}.log`;

/** The highest number of a segment; a gap below shows when that one is read. */
function segmentCount(folder) {
  const numbers = readdirSync(folder).map((name) => /^segment-(\d{8})\.log$/.exec(name)?.[1]);
  return Math.max(0, ...numbers.filter((number) => number !== undefined).map(Number));
}

function checkHeader(cursor, { number, origin, sequence, link }) {
  if (cursor.left < SEGMENT_HEADER_BYTES) throw corrupt(`segment ${number}: its header is cut`);
  const isRight =
    startsWith(cursor, "ASTRLOG\n") &&
    cursor.u32() === 1 &&
    cursor.u32() === number &&
    isSame(cursor.take(32), origin) &&
    cursor.u64() === sequence &&
    isSame(cursor.take(32), link);
  if (!isRight) throw corrupt(`segment ${number}: its header`);
}

function* readFrames(cursor, { number, state, isLast }) {
  while (cursor.left > 0) {
    const start = cursor.at;
    const place = `segment ${number}, byte ${start}, record ${state.sequence}`;
    const frame = readFrame(cursor, state.link);
    if (frame.fault !== undefined) {
      if (!isLast || !cursor.take(cursor.left).every((byte) => byte === 0)) {
        throw corrupt(`${place}: ${frame.fault}`);
      }
      state.torn = cursor.at - start;
      return;
    }
    const { sequence } = state;
    const record = readBody(frame, sequence, place);
    const fault = state.runs.add(record);
    if (fault !== undefined) throw corrupt(`${place}: ${fault}`);
    yield { sequence, hash: frame.hash, record };
    Object.assign(state, { link: frame.link, sequence: sequence + 1n });
  }
}

/** One frame after `link`, or why it is none; then the cursor is behind what it would be. */
function readFrame(cursor, link) {
  try {
    const word = cursor.u32();
    const [length, form] = [word & 0xff_ffff, word >>> 24];
    const isForm =
      (form === BODY && length > 0 && length <= BODY_BYTES) || (form === HASH && length === 32);
    if (!isForm) return { fault: "neither a body nor a hash" };
    const content = cursor.take(length);
    const [body, hash] = form === BODY ? [content, recordHash(content)] : [undefined, content];
    const next = linkOf(link, hash);
    const isLinked = isSame(cursor.take(DIGEST_BYTES), next);
    return isLinked ? { body, hash, link: next } : { fault: "its link doesn't fit" };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { fault: error.message };
  }
}

/** The record in a frame that the chain holds: nobody tore that one, so it has to be right. */
function readBody({ body }, sequence, place) {
  if (body === undefined) return undefined;
  const record = decode(body, place);
  if (record.sequence !== sequence) throw corrupt(`${place}: its sequence is ${record.sequence}`);
  return record;
}

function decode(body, place) {
  try {
    return decodeRecord(body);
  } catch (error) {
    throw corrupt(`${place}: ${error.message}`);
  }
}

const startsWith = (cursor, magic) => isSame(cursor.take(8), utf8(magic));
const corrupt = (what) => new Finding("CORRUPT", what);
