// Signed notes as c2sp.org/signed-note has them, with Ed25519 keys.
import { fail } from "../base/errors.js";
import { limit } from "../base/limits.js";
import { isSignedBy, type KeyPair, sign } from "./ed25519.js";
import { equal, fromBase64, sha256, toBase64, toHex } from "./encoding.js";

/** A name with a public key: who may sign a note. */
export interface NoteKey {
  /** Not empty, without white space and `+`. */
  readonly name: string;
  readonly publicKey: Uint8Array;
}

/** One signature line, checked for form alone. */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes that tell keys of one name apart. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A text with its signatures. */
export interface Note {
  /** Lines that each end with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const ALGORITHM_ED25519 = 1;
const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
/** More than every witness anybody asks; who signs is looked up line by line. */
const SIGNATURES_MAX = 64;

/** The id that a key's signatures carry. */
export function keyIdOf({ name, publicKey }: NoteKey): Uint8Array {
  const algorithm = Uint8Array.of(ALGORITHM_ED25519);
  return sha256(Buffer.from(`${name}\n`), algorithm, publicKey).subarray(0, KEY_ID_BYTES);
}

/** A key as other verifiers of signed notes take it: `name+id+key`. */
export function formatKey(key: NoteKey): string {
  const encoded = toBase64(Uint8Array.of(ALGORITHM_ED25519, ...key.publicKey));
  return `${key.name}+${toHex(keyIdOf(key))}+${encoded}`;
}

/** A text, signed under each of these names. */
export function signNote(text: string, signers: readonly (KeyPair & { name: string })[]): string {
  const lines = signers.map((pair) => {
    const signature = sign(Buffer.from(text), pair);
    return `— ${pair.name} ${toBase64(Buffer.concat([keyIdOf(pair), signature]))}\n`;
  });
  return `${text}\n${lines.join("")}`;
}

/**
 * Reads a note. Fails with `ASTRID_AUDIT_NOTE` for anything that is not in its one form, or over
 * the limit `audit-note-bytes`.
 */
export function parseNote(source: string): Note {
  if (Buffer.byteLength(source) > limit("audit-note-bytes")) malformed("too long");
  // Line feeds are the only control characters.
  if (/(?!\n)\p{Cc}/u.test(source)) malformed("not plain text");
  const end = source.lastIndexOf("\n\n");
  if (end < 1 || !source.endsWith("\n")) malformed("without signatures");
  const text = source.slice(0, end + 1);
  const lines = source.slice(end + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) malformed("with too many signatures");
  const signatures = lines.map(parseSignature);
  const keys = new Set(signatures.map(({ name, keyId }) => `${name}+${toHex(keyId)}`));
  if (keys.size < signatures.length) malformed("signed twice by one key");
  return { text, signatures };
}

/** Whether the key's line is there and its signature holds. */
export function isNoteSignedBy({ text, signatures }: Note, key: NoteKey): boolean {
  const id = keyIdOf(key);
  const line = signatures.find(({ name, keyId }) => name === key.name && equal(keyId, id));
  return line !== undefined && isSignedBy(key.publicKey, Buffer.from(text), line.signature);
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    return malformed("with a line that is no signature");
  }
  return { name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) };
}

function malformed(how: string): never {
  return fail("ASTRID_AUDIT_NOTE", `a note ${how}`);
}
