// Bytes, their spellings, and reading that never leaves its bounds.

/** What a verifier finds: a code of docs/errors.md and where. */
export class Finding extends Error {
  constructor(code, message) {
    super(message);
    this.code = `ASTRID_AUDIT_${code}`;
  }
}

/** Reads little-endian numbers and runs of bytes; beyond the end it throws, and stays there. */
export class Cursor {
  #bytes;
  #view;
  at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left() {
    return this.#bytes.length - this.at;
  }

  take(count) {
    const { left } = this;
    this.at += Math.min(count, left);
    if (count > left) throw new RangeError(`${count} bytes wanted, ${left} left`);
    return this.#bytes.subarray(this.at - count, this.at);
  }

  u8() {
    return this.take(1)[0];
  }

  u16() {
    this.take(2);
    return this.#view.getUint16(this.at - 2, true);
  }

  u32() {
    this.take(4);
    return this.#view.getUint32(this.at - 4, true);
  }

  u64() {
    this.take(8);
    return this.#view.getBigUint64(this.at - 8, true);
  }
}

export const utf8 = (text) => new TextEncoder().encode(text);

/** Text of bytes that are UTF-8; throws a TypeError else. */
export const textOf = (bytes) =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

export const hex = (bytes) => Buffer.from(bytes).toString("hex");

export const base64 = (bytes) => Buffer.from(bytes).toString("base64");

/** Bytes of Base64 in its one spelling; none if it is spelled otherwise. */
export function fromBase64(text) {
  const bytes = new Uint8Array(Buffer.from(text, "base64"));
  return base64(bytes) === text ? bytes : undefined;
}

export const isSame = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

export function concat(...parts) {
  return new Uint8Array(Buffer.concat(parts));
}

/** A decimal number in its one spelling that fits 64 bits; none else. */
export function decimal(text) {
  if (!/^(?:0|[1-9]\d{0,19})$/.test(text)) return undefined;
  const number = BigInt(text);
  return number < 1n << 64n ? number : undefined;
}
