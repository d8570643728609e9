// A tree over leaves in memory, written from RFC 6962 for comparison.
import { createHash } from "node:crypto";

export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());

export const leafOf = (entry: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), entry);

/** The largest power of two that is less than `count`. */
function half(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const k = half(leaves.length);
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

export function pathOf(at: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const k = half(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return at < k ? [...pathOf(at, left), rootOf(right)] : [...pathOf(at - k, right), rootOf(left)];
}
