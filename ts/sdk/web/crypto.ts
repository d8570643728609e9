import { bytes } from "../random.js";

type IntegerArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Randomness of the Web's `crypto`; needs `random.read`. */
export const crypto = {
  getRandomValues<T extends IntegerArray>(array: T): T {
    const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    view.set(bytes(view.length));
    return array;
  },

  randomUUID(): string {
    const hex = Array.from(bytes(16), (byte, index) => {
      const versioned = index === 6 ? (byte & 0x0f) | 0x40 : byte;
      const marked = index === 8 ? (byte & 0x3f) | 0x80 : versioned;
      return marked.toString(16).padStart(2, "0");
    }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  },
};
