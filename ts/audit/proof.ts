// Proofs as c2sp.org/tlog-proof has them. Its extra data holds the record's hash and the lines of
// `epochs` up to the checkpoint's, so that nothing but the fingerprint is needed to verify one.
import { fail } from "../base/errors.js";
import { limit } from "../base/limits.js";
import { asking } from "../native/errors.js";
import { KeyChain } from "./chain.js";
import { HASH_BYTES } from "./checkpoint.js";
import {
  equal,
  fromBase64,
  fromBase64Of,
  fromDecimal,
  fromHexOf,
  fromUtf8,
  toBase64,
  toHex,
} from "./encoding.js";
import { leafHash, rootOfProof } from "./inclusion.js";
import { type Kept, keptOf } from "./notes-file.js";
import type { OpenLog } from "./open-log.js";

const HEADER = "c2sp.org/tlog-proof@v1";
/** As deep as a tree of 64-bit size is. */
const HASHES_MAX = 64;

/** A proof that was verified. */
export interface Proven {
  readonly sequence: bigint;
  readonly recordHash: string;
  /** Size and root of the checkpoint that it stands in. */
  readonly size: bigint;
  readonly root: string;
  readonly fingerprint: string;
  readonly isPinned: boolean;
}

/**
 * The proof that a record is in what a checkpoint stands for, as text.
 *
 * Fails with `ASTRID_NOT_FOUND` if it is not, and with the codes of the log and of `chain`.
 */
export async function prove(
  log: OpenLog,
  chain: KeyChain,
  { sequence, kept }: { readonly sequence: bigint; readonly kept: Kept },
): Promise<string> {
  if (sequence < 1n || sequence > kept.size) {
    fail("ASTRID_NOT_FOUND", `record ${sequence} is not in the last checkpoint`, {
      hints: [`it stands for the records 1 to ${kept.size}`],
    });
  }
  const epoch = chain.epochOf(kept);
  const found = await asking(() => log.native.prove(sequence, kept.size, kept.root));
  const hashes = [found.recordHash, ...found.proof].map(
    (hash) => fromHexOf(hash, HASH_BYTES) ?? fail("ASTRID_INTERNAL", "the addon's proof is none"),
  );
  const [record, ...proof] = hashes.map(toBase64);
  const extra = Buffer.from([`record ${record}`, ...chain.linesTo(epoch), ""].join("\n"));
  const lines = [HEADER, `extra ${toBase64(extra)}`, `index ${sequence - 1n}`, ...proof];
  return `${lines.join("\n")}\n\n${kept.source}`;
}

/**
 * Verifies a proof by itself.
 *
 * Fails with `ASTRID_AUDIT_NOTE`, `ASTRID_AUDIT_SIGNATURE`, `ASTRID_AUDIT_ROOT`, and with
 * `ASTRID_AUDIT_PIN` if the keys are not those of `fingerprint`. Without that, whoever made the
 * proof may have made the keys.
 */
export function verifyProof(bytes: Uint8Array, fingerprint: string | undefined): Proven {
  const { record, chain, index, proof, kept } = parse(bytes);
  const isPinned = fingerprint !== undefined;
  if (isPinned && chain.fingerprint !== fingerprint) {
    fail("ASTRID_AUDIT_PIN", `the proof's keys are ${chain.fingerprint}`);
  }
  chain.epochOf(kept);
  const { size, root } = kept;
  const found = rootOfProof(leafHash(record), { index, size }, proof);
  const sequence = index + 1n;
  if (found === undefined || !equal(found, root)) {
    fail("ASTRID_AUDIT_ROOT", `record ${sequence} is not in the checkpoint of ${size} records`);
  }
  const facts = { sequence, recordHash: toHex(record), size, root: toHex(root) };
  return { ...facts, fingerprint: chain.fingerprint, isPinned };
}

interface Parsed {
  readonly record: Uint8Array;
  readonly chain: KeyChain;
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
  readonly kept: Kept;
}

function parse(bytes: Uint8Array): Parsed {
  if (bytes.length > limit("audit-proof-bytes")) malformed("is too long");
  const text = fromUtf8(bytes) ?? malformed("is no text");
  const end = text.indexOf("\n\n");
  const [header, extra = "", number = "", ...hashes] = text.slice(0, end).split("\n");
  const index = number.startsWith("index ") ? fromDecimal(number.slice(6)) : undefined;
  const data = extra.startsWith("extra ") ? fromBase64(extra.slice(6)) : undefined;
  if (end < 0 || header !== HEADER || index === undefined || data === undefined) {
    return malformed("does not begin as one");
  }
  if (hashes.length > HASHES_MAX) malformed("has too many hashes");
  const proof = hashes.map((hash) => fromBase64Of(hash, HASH_BYTES) ?? malformed("has a bad hash"));
  const kept = keptOf(Buffer.from(text.slice(end + 2)));
  return { ...parseExtra(data), index, proof, kept };
}

function parseExtra(data: Uint8Array): Pick<Parsed, "record" | "chain"> {
  const text = fromUtf8(data) ?? malformed("is no text");
  const end = text.indexOf("\n");
  const [, encoded = ""] = /^record (.*)$/.exec(text.slice(0, end)) ?? [];
  const record = fromBase64Of(encoded, HASH_BYTES) ?? malformed("names no record");
  if (!text.endsWith("\n")) malformed("is cut short");
  return { record, chain: new KeyChain(text.slice(end + 1)) };
}

function malformed(how: string): never {
  return fail("ASTRID_AUDIT_NOTE", `the proof ${how}`);
}
