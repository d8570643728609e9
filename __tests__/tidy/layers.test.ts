import { expect, test } from "@jest/globals";

import { deadRust, deadScripts } from "./dead.js";
import { importCircles, rustLayers, scriptLayers } from "./layers.js";
import { isRust, isScript, repository } from "./tree.js";

const files = repository();
const scripts = files.filter(isScript);
const rust = files.filter(isRust);
const paths = new Set(scripts.map(({ path }) => path));

test("imports of TypeScript point down", () => {
  expect(scripts.flatMap((file) => scriptLayers(file, paths))).toEqual([]);
});

test("uses in Rust point down, and only the binding names napi", () => {
  expect(rust.flatMap(rustLayers)).toEqual([]);
});

test("no import leads back to where it started", () => {
  expect(importCircles(scripts)).toEqual([]);
});

test("every source file is used", () => {
  expect([...deadScripts(scripts), ...deadRust(rust)]).toEqual([]);
});

test("an arrow that points up or aside is found in TypeScript", () => {
  const find = (path: string, target: string): string[] =>
    scriptLayers(
      { path, text: `import { x } from "../${target}.js";` },
      new Set([`ts/${target}.ts`]),
    );
  expect(find("ts/kernel/a.ts", "bus/b")).toEqual([]);
  expect(find("ts/base/a.ts", "kernel/b")).toEqual(["ts/base/a.ts: base may not import kernel"]);
  expect(find("ts/bus/a.ts", "audit/b")).toEqual(["ts/bus/a.ts: bus may not import audit"]);
  expect(find("ts/sdk/a.ts", "base/b")).toEqual(["ts/sdk/a.ts: sdk may not import base"]);
});

test("an arrow that points up or aside is found in Rust", () => {
  const find = (folder: string, text: string): string[] =>
    rustLayers({ path: `native/src/${folder}/a.rs`, text });
  expect(find("services", "use crate::gate::Permit;")).toEqual([]);
  expect(find("gate", "use crate::services::Fs;")).toHaveLength(1);
  expect(find("engine", "let x = crate::services::x();")).toHaveLength(1);
  expect(find("engine", "use napi::Env;")).toHaveLength(1);
});

test("a circle of imports is found", () => {
  const file = (name: string, other: string) => ({
    path: `ts/${name}.ts`,
    text: `export * from "./${other}.js";`,
  });
  const circles = importCircles([file("a", "b"), file("b", "c"), file("c", "b")]);
  expect(circles).toEqual(["ts/b.ts → ts/c.ts → ts/b.ts"]);
});

test("a file that nothing uses, or only a test, is found", () => {
  const used = { path: "ts/base/used.ts", text: "" };
  const tested = { path: "ts/base/tested.ts", text: "" };
  const main = { path: "ts/cli/main.ts", text: 'import "../base/used.js";' };
  const test = { path: "__tests__/a.test.ts", text: 'import "../ts/base/tested.js";' };
  expect(deadScripts([used, tested, main, test])).toEqual(["ts/base/tested.ts: nothing uses it"]);
  const lib = { path: "native/src/lib.rs", text: "mod a;" };
  const [a, b] = ["a", "b"].map((name) => ({ path: `native/src/${name}.rs`, text: "" }));
  expect(deadRust([lib, a ?? lib, b ?? lib])).toEqual(["native/src/b.rs: no mod names it"]);
});
