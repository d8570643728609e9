import { describe, expect, test } from "@jest/globals";

import { limitRow } from "../../../ts/base/limits.js";
import { COMMON_FLAGS, type FlagTable, parseFlags } from "../../../ts/cli/flags.js";
import { operand } from "../../../ts/cli/operand.js";

const TABLE: FlagTable = {
  workspace: { value: "<folder>", about: "" },
  grant: { value: "<grant>", isRepeatable: true, about: "" },
  fuel: { value: "<n>", about: "" },
  raw: { about: "" },
  ...COMMON_FLAGS,
};

describe("flags", () => {
  test("are read with their values, wherever they stand", () => {
    const args = parseFlags(
      ["x", "--workspace", ".", "--grant=a", "--raw", "--grant", "b", "--fuel=12"],
      TABLE,
    );
    expect(args.words).toEqual(["x"]);
    expect(args.text("workspace")).toBe(".");
    expect(args.texts("grant")).toEqual(["a", "b"]);
    expect(args.number("fuel", "fuel")).toBe(12);
    expect([args.has("raw"), args.has("json")]).toEqual([true, false]);
  });

  test("take a dash and a negative number as values, and all after -- as words", () => {
    expect(parseFlags(["--workspace", "-"], TABLE).text("workspace")).toBe("-");
    expect(parseFlags(["--workspace", "-5"], TABLE).text("workspace")).toBe("-5");
    expect(parseFlags(["--", "--raw"], TABLE).words).toEqual(["--raw"]);
  });

  test.each([
    [["--wrokspace", "."], "did you mean --workspace?"],
    [["--jsno"], "did you mean --json?"],
  ])("%j names the nearest", (argv, hint) => {
    expect(() => parseFlags(argv, TABLE)).toThrow(
      expect.objectContaining({ code: "ASTRID_USAGE", details: { hints: [hint] } }),
    );
  });

  test.each([
    [["--qqqqqq"]],
    [["-x"]],
    [["--constructor"]],
    [["--no-raw"]],
    [["--raw=1"]],
    [["--workspace"]],
    [["--workspace="]],
    [["--workspace", "--raw"]],
    [["--fuel", "1", "--fuel", "2"]],
  ])("%j is refused", (argv) => {
    expect(() => parseFlags(argv, TABLE)).toThrow(
      expect.objectContaining({ code: "ASTRID_USAGE" }),
    );
  });

  const { max = 0 } = limitRow("fuel");
  test.each([
    "abc",
    "0",
    "-1",
    "1.5",
    "1e3",
    " 1",
    "0x10",
    `${max}0`,
    String(max + 1),
    "9".repeat(400),
  ])("--fuel=%s is not a number in range", (text) => {
    const args = parseFlags([`--fuel=${text}`], TABLE);
    expect(() => args.number("fuel", "fuel")).toThrow(
      expect.objectContaining({ code: "ASTRID_USAGE" }),
    );
  });
});

describe("an operand", () => {
  test.each([[[]], [["a", "b"]], [[""]]])("is not %j", (words) => {
    expect(() => operand(parseFlags(words, TABLE), "a capsule")).toThrow(
      expect.objectContaining({ code: "ASTRID_USAGE" }),
    );
  });
});
