import { expect, test } from "@jest/globals";

import { bannedUses } from "./banned.js";
import { repository } from "./tree.js";

// Joined, so that the rule doesn't find them here.
const join = (...parts: string[]): string => parts.join("");

test("nothing banned is used", () => {
  expect(repository().flatMap(bannedUses)).toEqual([]);
});

test.each([
  ["ts/kernel/a.ts", 'import { readFile } from "node:fs/promises";'],
  ["ts/cli/a.ts", 'import { connect } from "node:net";'],
  ["ts/kernel/a.ts", 'import { request } from "undici";'],
  ["ts/kernel/a.ts", "const now = Date.now();"],
  ["ts/token/a.ts", "const id = Math.random();"],
  ["ts/cli/a.ts", join("process", ".exit(1)")],
  ["ts/capsule/a.ts", "const x = JSON.parse(text);"],
  ["ts/kernel/a.ts", 'require("../dist/native/astrid-native.node")'],
  ["ts/kernel/a.ts", join("x as ", "unknown as Y")],
  ["scripts/a.js", join("ev", "al(text)")],
  ["native/src/gate/a.rs", "use std::fs::File;"],
  ["native/src/engine/a.rs", "#[allow(dead_code)]"],
  ["native/src/engine/a.rs", join("// TO", "DO later")],
  ["__tests__/a.test.ts", join("test.on", "ly(")],
  ["docs/a.md", join("see /wo", "rk/shared")],
])("in %s this is found: %s", (path, text) => {
  expect(bannedUses({ path, text })).toHaveLength(1);
});

test.each([
  ["ts/base/powers.ts", 'import { spawn } from "node:child_process";'],
  ["ts/services/http.ts", 'import { request } from "undici";'],
  ["ts/sdk/a.ts", "JSON.parse(text)"],
  ["ts/kernel/a.ts", "// one process. Another one"],
])("in %s this is fine: %s", (path, text) => {
  expect(bannedUses({ path, text })).toEqual([]);
});
