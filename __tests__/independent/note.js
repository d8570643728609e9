// Checkpoints: signed notes of C2SP, with Ed25519 keys.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, decimal, Finding, fromBase64, hex, isSame, textOf, utf8 } from "./bytes.js";
import { DIGEST_BYTES, NOTE_BYTES } from "./format.js";

const SIGNATURE = /^— (?<name>[^\s+]+) (?<value>\S+)$/u;

/** What was asked last: one log is verified again for each way to change it. */
const answers = new Map();
const ANSWERS = 1000;

/** Whether `key` signed these bytes; never throws. */
export function isSigned(signature, bytes, key) {
  const question = [signature, bytes, key].map(hex).join(" ");
  const answer = answers.get(question) ?? verify(signature, bytes, key);
  if (answers.size === ANSWERS) answers.clear();
  answers.set(question, answer);
  return answer;
}

function verify(signature, bytes, key) {
  try {
    return ed25519.verify(signature, bytes, key, { zip215: false });
  } catch {
    return false;
  }
}

/** The checkpoint in a note: what it is over, and who signed which text. */
export function parseCheckpoint(note) {
  if (note.length > NOTE_BYTES) throw bad("a note is too long");
  const [text, signatures, ...more] = decode(note).split(/(?<=\n)\n/);
  if (signatures === undefined || more.length > 0) throw bad("a note has no or two empty lines");
  const [origin, size, root, ...rest] = text.split("\n");
  if (rest.length !== 1 || rest[0] !== "") throw bad("a checkpoint has three lines");
  const at = decimal(size);
  const digest = fromBase64(root);
  if (at === undefined || digest?.length !== DIGEST_BYTES)
    throw bad("size or root of a checkpoint");
  if (!signatures.endsWith("\n")) throw bad("a note's last line has no end");
  const lines = signatures.slice(0, -1).split("\n");
  return { origin, size: at, root: digest, text, signatures: lines.map(parseSignature) };
}

function parseSignature(line) {
  const { name, value = "" } = SIGNATURE.exec(line)?.groups ?? {};
  const bytes = fromBase64(value);
  if (name === undefined || bytes === undefined || bytes.length <= 4) throw bad("a signature line");
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** Whether the checkpoint is signed by this key, under this name. */
export function isSignedBy(checkpoint, name, key) {
  const id = sha256(concat(utf8(`${name}\n`), Uint8Array.of(1), key)).subarray(0, 4);
  const lines = checkpoint.signatures.filter((line) => line.name === name && isSame(line.id, id));
  const text = utf8(checkpoint.text);
  return lines.length > 0 && lines.every(({ signature }) => isSigned(signature, text, key));
}

/** The notes in the file `checkpoints`, without what a crash left at its end. */
export function splitNotes(bytes) {
  const file = Buffer.from(bytes);
  const notes = [];
  let start = 0;
  for (;;) {
    const text = file.indexOf("\n\n", start);
    const end = text < 0 ? -1 : file.indexOf("\n\n", text + 2);
    if (end < 0) break;
    notes.push(bytes.subarray(start, end + 1));
    start = end + 2;
  }
  if (bytes.length - start > NOTE_BYTES) throw bad("an end that is no note");
  return notes;
}

function decode(bytes) {
  const text = readText(bytes);
  if (/[\0-\x09\x0b-\x1f\x7f]/.test(text)) throw bad("a note has control characters");
  return text;
}

function readText(bytes) {
  try {
    return textOf(bytes);
  } catch {
    throw bad("a note is not UTF-8");
  }
}

const bad = (what) => new Finding("NOTE", what);
