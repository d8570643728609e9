import { execFileSync } from "node:child_process";

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import { formatGrant, grantFlag, parseGrant, shellWord } from "../../../ts/policy/grant.js";

describe("a grant flag", () => {
  test.each([
    ["log.write", [["log.write", ""]]],
    ["fs.read=workspace://**", [["fs.read", "workspace://**"]]],
    [
      "fs.read,fs.write=tmp://a,tmp://b",
      [
        ["fs.read", "tmp://a"],
        ["fs.read", "tmp://b"],
        ["fs.write", "tmp://a"],
        ["fs.write", "tmp://b"],
      ],
    ],
    ["fs.read=workspace://{a,b}/**", [["fs.read", "workspace://{a,b}/**"]]],
    ["fs.read=workspace://a\\,b", [["fs.read", "workspace://a,b"]]],
    ["kv.read=a\\\\b", [["kv.read", "a\\b"]]],
    ["kv.read=a=b", [["kv.read", "a=b"]]],
  ])("%s is read", (text, rows) => {
    expect(parseGrant(text).map(({ verb, pattern }) => [verb, pattern])).toEqual(rows);
  });

  test.each([
    "",
    "=a",
    "fs.read,=a",
    "fs.read=",
    "fs.read=a,",
    "fs.read=a\\b",
    "kv.read=a\\",
    "fs.read={a\\,b}",
  ])("%j is refused", (text) => {
    expect(() => parseGrant(text)).toThrow(expect.objectContaining({ code: "ASTRID_GRANT" }));
  });

  test("is written so that it reads as the same grant", () => {
    // A set's members have no comma and no backslash: the gate takes none there.
    const literal = fc.string({ minLength: 1 }).filter((text) => !/[{}]/.test(text));
    const set = fc.constantFrom("{a,b}", "{x}", "{a,b,c}");
    const pattern = fc
      .array(fc.oneof(literal, set), { minLength: 1 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(pattern, (text) => {
        const grant = { verb: "fs.read", pattern: text };
        expect(parseGrant(formatGrant(grant))).toEqual([grant]);
      }),
    );
  });
});

describe("a printed flag", () => {
  test("is what bash hands on, and shows nothing that acts on a terminal", () => {
    const character = fc.oneof(
      fc.string({ minLength: 1, maxLength: 1, unit: "grapheme" }),
      fc.constantFrom(
        "'",
        "\\",
        "\u001b",
        "\n",
        "\u202e",
        "$",
        "`",
        '"',
        " ",
        "*",
        "!",
        "\u0001",
        "7",
      ),
    );
    const word = fc
      .array(character, { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(word, { minLength: 20, maxLength: 20 }), (words) => {
        const texts = words.map((text) => text.replaceAll("\0", ""));
        const script = `printf '%s\\0' ${texts.map(shellWord).join(" ")}`;
        expect(script).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        const output = execFileSync("bash", ["-c", script], { encoding: "utf8" });
        expect(output.split("\0").slice(0, -1)).toEqual(texts);
      }),
      { numRuns: 20 },
    );
  });

  test("quotes patterns", () => {
    expect(grantFlag({ verb: "fs.read", pattern: "workspace://a b/**" })).toBe(
      "--grant 'fs.read=workspace://a b/**'",
    );
    expect(grantFlag({ verb: "fs.read", pattern: "workspace://a.txt" })).toBe(
      "--grant fs.read=workspace://a.txt",
    );
  });
});
