import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import { escapeText } from "../../../ts/base/escape.js";

describe("becomes visible", () => {
  test.each([
    ["a colour", "\x1b[31m", "\\u{1b}[31m"],
    ["a clipboard write", "\x1b]52;c;eA==\x07", "\\u{1b}]52;c;eA==\\u{7}"],
    ["a control of the C1 set", "\x9b31m", "\\u{9b}31m"],
    ["a line feed", "a\nb", "a\\u{a}b"],
    ["a carriage return, which overwrites the line", "ok\rno", "ok\\u{d}no"],
    ["a change of direction", "a\u202eb", "a\\u{202e}b"],
    ["an isolate", "a\u2066b", "a\\u{2066}b"],
    ["a zero-width character", "a\u200bb", "a\\u{200b}b"],
    ["a line separator", "a\u2028b", "a\\u{2028}b"],
    ["a tag character", "a\u{e0041}b", "a\\u{e0041}b"],
    ["a letter that shows nothing", "a\u3164b", "a\\u{3164}b"],
    ["half a surrogate pair", "a\ud800b", "a\\u{d800}b"],
  ])("%s", (_, text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });
});

test("ordinary text of any script stays as it is", () => {
  for (const text of ["plain", "naïve Σ שלום 日本語", "C:\\path", "😀", "e\u0301"]) {
    expect(escapeText(text)).toBe(text);
  }
});

test("line feeds and tabs may be kept, and nothing else", () => {
  expect(escapeText("a\n\tb\r\x1b", { keepLines: true })).toBe("a\n\tb\\u{d}\\u{1b}");
});

test("nothing a terminal acts on is left in any text, and escaping again changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = escapeText(text);
      expect(escaped).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
      expect(escapeText(escaped)).toBe(escaped);
    }),
  );
});

describe("a long text", () => {
  test("is cut and says how long it was", () => {
    expect(escapeText("abcdef", { lengthMax: 6 })).toBe("abcdef");
    expect(escapeText("abcdefg", { lengthMax: 6 })).toBe("abcdef… (7 characters in all)");
    expect(escapeText("x".repeat(100_000)).length).toBeLessThan(8300);
  });

  test("is not cut inside of an escape or a surrogate pair", () => {
    expect(escapeText("abcd\x1b", { lengthMax: 8 })).toBe("abcd… (5 characters in all)");
    expect(escapeText("abc😀", { lengthMax: 4 })).toMatch(/^abc/);
    expect(escapeText("abc😀", { lengthMax: 4 })).not.toMatch(/\ud83d/);
  });
});
