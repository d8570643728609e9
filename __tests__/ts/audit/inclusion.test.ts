import { expect, test } from "@jest/globals";

import { leafHash, rootOfProof } from "../../../ts/audit/inclusion.js";
import { leafOf, pathOf, rootOf } from "./tree.js";

const entries = Array.from({ length: 70 }, (_, at) => new Uint8Array(32).fill(at));
const leaves = entries.map(leafOf);

/** Published with RFC 6962's reference tree: the leaf of an empty entry. */
const EMPTY_LEAF = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";

test("a leaf has the published hash", () => {
  expect(Buffer.from(leafHash(new Uint8Array())).toString("hex")).toBe(EMPTY_LEAF);
});

test("every proof of every small tree leads to its root, and to no other", () => {
  for (let size = 1; size <= leaves.length; size++) {
    const some = leaves.slice(0, size);
    const root = rootOf(some);
    for (let at = 0; at < size; at++) {
      const proof = pathOf(at, some);
      const place = { index: BigInt(at), size: BigInt(size) };
      const leaf = leafHash(entries[at] ?? new Uint8Array());
      expect(rootOfProof(leaf, place, proof)).toEqual(root);
      const elsewhere = { index: BigInt((at + 1) % size), size: BigInt(size) };
      if (size > 1) expect(rootOfProof(leaf, elsewhere, proof)).not.toEqual(root);
      expect(rootOfProof(leaf, place, [...proof, leaf])).toBeUndefined();
      if (size > 1) expect(rootOfProof(leaf, place, proof.slice(1))).not.toEqual(root);
    }
  }
});

test("a place outside of the tree has no root", () => {
  const leaf = leafHash(new Uint8Array(32));
  expect(rootOfProof(leaf, { index: 1n, size: 1n }, [])).toBeUndefined();
  expect(rootOfProof(leaf, { index: -1n, size: 1n }, [])).toBeUndefined();
  expect(rootOfProof(leaf, { index: 0n, size: 0n }, [])).toBeUndefined();
});
