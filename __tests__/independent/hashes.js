// Chain and tree.
import { blake3 } from "@noble/hashes/blake3.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, isSame, utf8 } from "./bytes.js";

const keyOf = (name) =>
  blake3(new Uint8Array(), { context: utf8(`astrid-native audit v1 ${name}`) });
const KEYS = { genesis: keyOf("genesis"), record: keyOf("record"), link: keyOf("link") };

export const genesis = (origin) => blake3(origin, { key: KEYS.genesis });
export const recordHash = (body) => blake3(body, { key: KEYS.record });
export const linkOf = (before, hash) => blake3(concat(before, hash), { key: KEYS.link });

export const leafOf = (entry) => sha256(concat(Uint8Array.of(0), entry));
export const nodeOf = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

/** A tree that grows by leaves and keeps only its full subtrees, largest first. */
export class Tree {
  size = 0n;
  #edge = [];

  add(entry) {
    let node = leafOf(entry);
    for (let rest = this.size; (rest & 1n) === 1n; rest >>= 1n) {
      node = nodeOf(this.#edge.pop(), node);
    }
    this.#edge.push(node);
    this.size += 1n;
  }

  get root() {
    return this.#edge.length === 0
      ? sha256(new Uint8Array())
      : this.#edge.reduceRight((right, left) => nodeOf(left, right));
  }
}

/** Whether this path leads from the leaf at `index` to the root over `size` leaves. */
export function isIncluded({ index, size, leaf, path, root }) {
  if (index < 0n || index >= size) return false;
  const end = climb({ node: leaf, at: index, last: size - 1n }, path);
  return end !== undefined && isSame(end, root);
}

/** RFC 9162, 2.1.3.2: none when the path is too long or too short. */
function climb({ node, at, last }, path) {
  for (const sibling of path) {
    if (last === 0n) return undefined;
    if ((at & 1n) === 1n || at === last) {
      node = nodeOf(sibling, node);
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      node = nodeOf(node, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n ? node : undefined;
}

/** Whether the tree of `size` leaves begins with that of `old` leaves (RFC 9162, 2.1.4.2). */
export function isConsistent({ old, size, oldRoot, root, path }) {
  if (old > size) return false;
  if (old === size) return path.length === 0 && isSame(oldRoot, root);
  if (old === 0n) return path.length === 0;
  let [at, last] = [old - 1n, size - 1n];
  while ((at & 1n) === 1n) [at, last] = [at >> 1n, last >> 1n];
  const [first, ...rest] = at === 0n ? [oldRoot, ...path] : path;
  if (first === undefined) return false;
  let [left, right] = [first, first];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      [left, right] = [nodeOf(sibling, left), nodeOf(sibling, right)];
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      right = nodeOf(right, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && isSame(left, oldRoot) && isSame(right, root);
}
