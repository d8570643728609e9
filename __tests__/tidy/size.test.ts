import { expect, test } from "@jest/globals";

import { rustFunctions, scriptFunctions } from "./functions.js";
import { longFiles, longLines } from "./size.js";
import { isRust, isScript, repository } from "./tree.js";

const files = repository();

test("files are short", () => {
  expect(files.flatMap(longFiles)).toEqual([]);
});

test("lines are short", () => {
  expect(files.flatMap(longLines)).toEqual([]);
});

test("functions are short and take few parameters", () => {
  const scripts = files.filter(isScript).flatMap(scriptFunctions);
  const rust = files.filter(isRust).flatMap(rustFunctions);
  expect([...scripts, ...rust]).toEqual([]);
});

test("a long file and a long line are found", () => {
  const long = "\n".repeat(260);
  expect(longFiles({ path: "ts/a.ts", text: `${long}x` })).toHaveLength(1);
  expect(longFiles({ path: "__tests__/a.test.ts", text: `${long}x` })).toEqual([]);
  expect(longFiles({ path: "native/src/a.rs", text: `${long.repeat(2)}x` })).toHaveLength(1);
  expect(longLines({ path: "ts/a.ts", text: `ok\n${"x".repeat(101)}` })).toEqual([
    "ts/a.ts:2: 101 columns, at most 100",
  ]);
});

test("a long function and one with many parameters are found in scripts", () => {
  const find = (text: string): string[] => scriptFunctions({ path: "ts/a.ts", text });
  expect(find("export const f = (a: 1, b: 2, c: 3, d: 4): void => {};")).toEqual([]);
  expect(find("\nclass A { m(a: 1, b: 2, c: 3, d: 4, e: 5) {} }")).toEqual([
    "ts/a.ts:2: 5 parameters, at most 4: take one object",
  ]);
  expect(find(`function f() {${"\n".repeat(70)}}`)).toEqual([
    "ts/a.ts:1: a function of 71 lines, at most 70",
  ]);
});

test("a long function and one with many parameters are found in Rust", () => {
  const find = (text: string): string[] => rustFunctions({ path: "a.rs", text });
  expect(find("fn f<F: Fn(u8, u8) -> u8>(&mut self, a: (u8, u8), b: Map<u8, [u8; 2]>) {}")).toEqual(
    [],
  );
  expect(find("\nfn f(a: u8, b: u8, c: u8, d: u8, e: u8);")).toEqual([
    "a.rs:2: 5 parameters, at most 4: take one object",
  ]);
  expect(find(`fn f() { let a = '{'; let b = "}"; // }\n${"\n".repeat(70)}}`)).toEqual([
    "a.rs:1: a function of 72 lines, at most 70",
  ]);
});
