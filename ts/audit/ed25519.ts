import sodium from "libsodium-wrappers";

export const SEED_BYTES = 32;
export const PUBLIC_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** A pair that signs; wiped by whoever made it. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** Resolves when the functions below may be called. */
export async function signaturesReady(): Promise<void> {
  await sodium.ready;
}

/** The pair of a seed of 32 bytes. */
export function pairOf(seed: Uint8Array): KeyPair {
  return sodium.crypto_sign_seed_keypair(seed);
}

export function sign(message: Uint8Array, { privateKey }: KeyPair): Uint8Array {
  return sodium.crypto_sign_detached(message, privateKey);
}

/** Whether this key made that signature; false for one of a wrong length. */
export function isSignedBy(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    sodium.crypto_sign_verify_detached(signature, message, publicKey)
  );
}

/** Overwrites a secret. */
export function wipe(secret: Uint8Array): void {
  sodium.memzero(secret);
}
