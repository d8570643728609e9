import type { RawMessage } from "./capsule.js";
import { onMessage } from "./message.js";
// The build replaces this module by seed-host.js when the manifest grants random.read.
import { seedOf } from "./seed.js";

// The engine seeds its own generator while the component is built, so that every instance would
// see the same numbers: this one (xoshiro128**) starts anew with each message.
let message: RawMessage | undefined;
let state: Uint32Array | undefined;

Math.random = () => {
  state ??= message === undefined ? Uint32Array.of(1, 2, 3, 4) : seedOf(message);
  // 53 bits, as the language's own.
  return ((next(state) >>> 5) * 0x4000000 + (next(state) >>> 6)) / 0x20000000000000;
};

onMessage((begun) => {
  message = begun;
  state = undefined;
});

function next(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = state;
  const result = Math.imul(rotated(Math.imul(b, 5), 7), 9);
  const crossed = c ^ a;
  const turned = d ^ b;
  state[0] = a ^ turned;
  state[1] = b ^ crossed;
  state[2] = crossed ^ (b << 9);
  state[3] = rotated(turned, 11);
  return result >>> 0;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
