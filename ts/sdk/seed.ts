import type { RawMessage } from "./capsule.js";

/** Four words of 32 bits, not all zero. */
export type Seed = Uint32Array;

/**
 * The seed of `Math.random` for a message: the same for the same id and authority, as without the
 * grant `random.read` nothing unpredictable enters a capsule.
 */
export function seedOf(message: RawMessage): Seed {
  const text = `${message.id}\n${message.authority}`;
  return Uint32Array.from([1, 2, 3, 4], (lane) => mix(text, lane));
}

/** FNV-1a over the text, then a finaliser that spreads every bit. */
function mix(text: string, lane: number): number {
  let hash = Math.imul(lane, 0x9e3779b1) ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16) ^ lane) >>> 0 || lane;
}
