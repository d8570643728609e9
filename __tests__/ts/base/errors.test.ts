import { describe, expect, test } from "@jest/globals";

import {
  AstridError,
  ERROR_CODES,
  EXIT_DONE,
  errorRow,
  exitCode,
  fail,
  isAstridError,
  isErrorCode,
} from "../../../ts/base/errors.js";

describe("an error", () => {
  test("carries code, message, details and cause", () => {
    const cause = new Error("below");
    const error = new AstridError("ASTRID_IO", "can't read", { cause, hints: ["try again"] });
    expect(error).toMatchObject({ name: "AstridError", code: "ASTRID_IO", message: "can't read" });
    expect(error.cause).toBe(cause);
    expect(error.details.hints).toEqual(["try again"]);
    expect(Object.hasOwn(new AstridError("ASTRID_IO", "x"), "cause")).toBe(false);
  });

  test("is what fail throws", () => {
    expect(() => fail("ASTRID_USAGE", "no such verb")).toThrow(
      expect.objectContaining({ code: "ASTRID_USAGE" }),
    );
  });

  test("is recognised by its brand, also when another copy of the package made it", () => {
    const foreign = Object.assign(new Error("x"), { [Symbol.for("astrid-native.error")]: true });
    expect(isAstridError(new AstridError("ASTRID_IO", "x"))).toBe(true);
    expect(isAstridError(foreign)).toBe(true);
    for (const other of [new Error("x"), { code: "ASTRID_IO" }, null, undefined, "ASTRID_IO"]) {
      expect(isAstridError(other)).toBe(false);
    }
  });
});

describe("the table", () => {
  test.each([
    ["ASTRID_GUEST_ERROR", 1],
    ["ASTRID_USAGE", 2],
    ["ASTRID_DENIED", 3],
    ["ASTRID_REVOKED", 3],
    ["ASTRID_DEADLINE", 4],
    ["ASTRID_TRAP", 5],
    ["ASTRID_UNKNOWN_IMPORT", 6],
    ["ASTRID_AUDIT_CORRUPT", 7],
    ["ASTRID_INTERNAL", 70],
    ["ASTRID_CANCELLED", 130],
  ] as const)("%s ends the command line with %d", (code, expected) => {
    expect(exitCode(code)).toBe(expected);
  });

  test("gives each code a row and an exit code that is not that of success", () => {
    expect(ERROR_CODES.length).toBeGreaterThan(30);
    for (const code of ERROR_CODES) {
      expect(errorRow(code).meaning).not.toBe("");
      expect(exitCode(code)).toBeGreaterThan(EXIT_DONE);
    }
  });

  test("knows its codes, and no names of Object.prototype", () => {
    expect(isErrorCode("ASTRID_DENIED")).toBe(true);
    for (const name of ["ASTRID_OTHER", "toString", "__proto__", "constructor", ""]) {
      expect(isErrorCode(name)).toBe(false);
    }
  });
});
