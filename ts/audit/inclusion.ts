// Proofs of RFC 6962: that a record is the nth of so many, without the others.
import { sha256 } from "./encoding.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of the leaf that stands for a record hash. */
export function leafHash(recordHash: Uint8Array): Uint8Array {
  return sha256(LEAF, recordHash);
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE, left, right);
}

/** Where a leaf stands, from 0, in a tree of so many. */
export interface Place {
  readonly index: bigint;
  readonly size: bigint;
}

/** The root that a leaf and its proof lead to, or none if the proof has not the right length. */
export function rootOfProof(
  leaf: Uint8Array,
  { index, size }: Place,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0n || index >= size) return undefined;
  let hash = leaf;
  // `at` and `last` are where the node and the level's last node stand.
  let [at, last] = [index, size - 1n];
  for (const sibling of proof) {
    if (last === 0n) return undefined;
    if (at % 2n === 1n || at === last) {
      hash = nodeHash(sibling, hash);
      // A last node without a sibling goes up as it is.
      while (at % 2n === 0n && at !== 0n) [at, last] = [at / 2n, last / 2n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [at / 2n, last / 2n];
  }
  return last === 0n ? hash : undefined;
}
