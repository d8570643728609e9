import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { AbortController, AbortSignal } from "../../../ts/sdk/web/abort.js";
import { TextDecoder, TextEncoder } from "../../../ts/sdk/web/text.js";
import { setTimeout } from "../../../ts/sdk/web/ungranted.js";

// QuickJS has these two, Node 20 does not.
Object.defineProperty(Uint8Array.prototype, "toBase64", {
  configurable: true,
  value(this: Uint8Array): string {
    return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("base64");
  },
});
Object.defineProperty(Uint8Array, "fromBase64", {
  configurable: true,
  value: (text: string) => new Uint8Array(Buffer.from(text, "base64")),
});

describe("text", () => {
  it("is decoded as Node decodes it, valid or not", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: "binary" }).map((text) => new Uint8Array(Buffer.from(text))),
      fc
        .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0xf0, 0x90, 0xf4, 0xff))
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        expect(new TextDecoder().decode(input)).toBe(new globalThis.TextDecoder().decode(input));
      }),
      { numRuns: 2000 },
    );
  });

  it("is encoded as Node encodes it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const text = String.fromCharCode(...units);
        const expected = new globalThis.TextEncoder().encode(text);
        expect([...new TextEncoder().encode(text)]).toEqual([...expected]);
      }),
    );
  });

  it("that is not valid is refused when asked", () => {
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.of(0xff))).toThrow(
      TypeError,
    );
    expect(() => new TextDecoder("latin1")).toThrow(RangeError);
  });
});

describe("an abort", () => {
  it("reaches each listener once, with its reason", () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    controller.signal.addEventListener("abort", ({ target }) => seen.push(target.reason));
    const joined = AbortSignal.any([controller.signal]);
    controller.abort("why");
    controller.abort("again");
    expect(seen).toEqual(["why"]);
    expect(joined.reason).toBe("why");
    expect(() => joined.throwIfAborted()).toThrow("why");
  });
});

describe("a global without its grant", () => {
  it("names the grant when it is used", () => {
    expect(() => (setTimeout as () => void)()).toThrow('needs the grant "clock.read"');
  });
});
