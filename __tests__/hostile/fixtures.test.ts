import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "@jest/globals";

import { HOSTILE } from "./arena.js";

const TESTS = fileURLToPath(new URL("../../../__tests__", import.meta.url));

test("every hostile capsule has a test that names it", () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" });
  const texts = files
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(TESTS, name), "utf8"));
  const capsules = readdirSync(HOSTILE);
  expect(capsules).not.toEqual([]);
  const names = (text: string, name: string): boolean =>
    text.includes(`"${name}"`) || text.includes(`capsules/hostile/${name}`);
  const untested = capsules.filter((name) => !texts.some((text) => names(text, name)));
  expect(untested).toEqual([]);
});
