// The lines of the file `epochs`: first who signs this log, then who came after whom.
import { fail } from "../base/errors.js";
import { HASH_BYTES, type Tree } from "./checkpoint.js";
import { isSignedBy, type KeyPair, PUBLIC_BYTES, SIGNATURE_BYTES, sign } from "./ed25519.js";
import { fromBase64Of, fromDecimal, fromHexOf, sha256, toBase64, toHex } from "./encoding.js";

export const ORIGIN_BYTES = 32;

/** What a log's fingerprint stands for. */
export interface Roots {
  /** 64 hexadecimal digits. */
  readonly origin: string;
  readonly logKey: Uint8Array;
  /** Public key of epoch 1. */
  readonly firstEpochKey: Uint8Array;
}

/**
 * What the key of one epoch said last: whose turn it is, and what the log was. So a stolen key
 * can't change the log of the epochs before it.
 */
export interface Certificate {
  /** Number of the new epoch, from 2. */
  readonly epoch: number;
  readonly publicKey: Uint8Array;
  readonly closing: Tree;
  /** By the key of the epoch before. */
  readonly signature: Uint8Array;
}

const FINGERPRINT = /^astrid:((?:[0-9a-f]{8}-?){8})$/;

/** What people note down: `astrid:` and eight groups of eight digits. */
export function fingerprintOf({ origin, logKey, firstEpochKey }: Roots): string {
  const digits = toHex(sha256(Buffer.from(origin, "hex"), logKey, firstEpochKey));
  return `astrid:${digits.match(/.{8}/g)?.join("-")}`;
}

/** A fingerprint as `fingerprintOf` writes it, its groups joined or not; else none. */
export function parseFingerprint(text: string): string | undefined {
  const [, digits] = FINGERPRINT.exec(text.trim().toLowerCase()) ?? [];
  return digits === undefined
    ? undefined
    : `astrid:${digits.replaceAll("-", "").match(/.{8}/g)?.join("-")}`;
}

/** The first line of the file, without its line feed. */
export function formatRoots({ origin, logKey, firstEpochKey }: Roots): string {
  return `keys ${origin} ${toBase64(logKey)} ${toBase64(firstEpochKey)}`;
}

/** Reads a first line. Fails with `ASTRID_AUDIT_NOTE`. */
export function parseRoots(line: string): Roots {
  const [word, origin = "", log = "", first = "", ...rest] = line.split(" ");
  const logKey = fromBase64Of(log, PUBLIC_BYTES);
  const firstEpochKey = fromBase64Of(first, PUBLIC_BYTES);
  const isOrigin = fromHexOf(origin, ORIGIN_BYTES) !== undefined;
  if (word !== "keys" || !isOrigin || !logKey || !firstEpochKey || rest.length > 0) {
    return fail("ASTRID_AUDIT_NOTE", "the first line of epochs names no keys");
  }
  return { origin, logKey, firstEpochKey };
}

/** A certificate by the key of the epoch before. */
export function certify(
  origin: string,
  certificate: Omit<Certificate, "signature">,
  by: KeyPair,
): Certificate {
  return { ...certificate, signature: sign(statement(origin, certificate), by) };
}

/** Whether that public key signed it. */
export function isCertifiedBy(
  origin: string,
  certificate: Certificate,
  publicKey: Uint8Array,
): boolean {
  return isSignedBy(publicKey, statement(origin, certificate), certificate.signature);
}

/** One line of the file, without its line feed. */
export function formatCertificate({ epoch, publicKey, closing, signature }: Certificate): string {
  const keys = `${toBase64(publicKey)} ${closing.size} ${toBase64(closing.root)}`;
  return `epoch ${epoch} ${keys} ${toBase64(signature)}`;
}

/** Reads such a line; the signature is not verified. Fails with `ASTRID_AUDIT_NOTE`. */
export function parseCertificate(line: string): Certificate {
  const [word, number = "", key = "", digits = "", hash = "", signed = "", ...rest] =
    line.split(" ");
  const epoch = Number(fromDecimal(number) ?? 0n);
  const publicKey = fromBase64Of(key, PUBLIC_BYTES);
  const size = fromDecimal(digits);
  const root = fromBase64Of(hash, HASH_BYTES);
  const signature = fromBase64Of(signed, SIGNATURE_BYTES);
  const isWhole = word === "epoch" && isEpoch(epoch) && epoch > 1 && rest.length === 0;
  if (!isWhole || !publicKey || size === undefined || !root || !signature) {
    return fail("ASTRID_AUDIT_NOTE", "a line of epochs that is no certificate");
  }
  return { epoch, publicKey, closing: { size, root }, signature };
}

const EPOCH_MAX = 2 ** 32 - 1;

/** Whether it is a number that an epoch may have. */
export function isEpoch(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= EPOCH_MAX;
}

function statement(origin: string, certificate: Omit<Certificate, "signature">): Uint8Array {
  const { epoch, publicKey, closing } = certificate;
  const tree = `${closing.size}\n${toBase64(closing.root)}`;
  return Buffer.from(
    `astrid-native epoch v1\n${origin}\n${epoch}\n${toBase64(publicKey)}\n${tree}\n`,
  );
}
