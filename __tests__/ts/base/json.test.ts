import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import { parseJson } from "../../../ts/base/json.js";

const what = "the input";
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test("every JSON value comes back, from text and from bytes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseJson(text, { what })).toEqual(JSON.parse(text));
      expect(parseJson(Buffer.from(text), { what })).toEqual(JSON.parse(text));
    }),
  );
});

describe("is refused", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{a: 1}"],
    ["two documents", "1 2"],
    ["a byte order mark", Buffer.from("\ufeff1")],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["an open string", '"abc'],
  ])("%s", (_, input) => {
    expect(() => parseJson(input, { what })).toThrow(
      expect.objectContaining({ code: "ASTRID_INPUT", message: expect.stringContaining(what) }),
    );
  });

  test("one byte more than the bound, counted as UTF-8", () => {
    expect(parseJson('"ä"', { what, bytesMax: 4 })).toBe("ä");
    expect(() => parseJson('"ä"', { what, bytesMax: 3 })).toThrow("has 4 bytes; at most 3");
  });

  test("one level more than the bound", () => {
    expect(parseJson(nested(3), { what, depthMax: 3 })).toEqual([[[]]]);
    expect(() => parseJson(nested(4), { what, depthMax: 3 })).toThrow("deeper than 3 levels");
    expect(() => parseJson(`{"a":${nested(3)}}`, { what, depthMax: 3 })).toThrow("deeper");
    expect(() => parseJson("[".repeat(500_000), { what })).toThrow("deeper than 64 levels");
  });

  test("with the code that the caller names", () => {
    expect(() => parseJson("x", { what, code: "ASTRID_GUEST_OUTPUT" })).toThrow(
      expect.objectContaining({ code: "ASTRID_GUEST_OUTPUT" }),
    );
  });
});

test("brackets in strings are no levels, whatever quotes and backslashes stand before them", () => {
  for (const text of ["[[[[", '"[[[', '\\"[[[', "\\\\[[[", '\\\\"[[[']) {
    expect(parseJson(JSON.stringify([text]), { what, depthMax: 1 })).toEqual([text]);
  }
});
