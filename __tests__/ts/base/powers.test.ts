import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { nodePowers } from "../../../ts/base/powers.js";

const powers = nodePowers();

test("monotonic time doesn't go back", () => {
  const first = powers.clock.monotonicMs();
  expect(powers.clock.monotonicMs()).toBeGreaterThanOrEqual(first);
});

test("a sleep ends when it is aborted", async () => {
  await powers.clock.sleepMs(0);
  const slept = powers.clock.sleepMs(3_600_000, AbortSignal.abort());
  await expect(slept).rejects.toMatchObject({ name: "AbortError" });
});

test("random bytes are as many as asked for, and not the same twice", () => {
  const bytes = powers.random.bytes(32);
  expect(bytes).toHaveLength(32);
  expect(powers.random.bytes(32)).not.toEqual(bytes);
});

test("the package's folder is where its package.json lies", () => {
  expect(existsSync(join(powers.host.packageFolder, "package.json"))).toBe(true);
  expect(existsSync(join(powers.host.packageFolder, "wit"))).toBe(true);
});

test("a listener for a signal is gone after it was taken back", () => {
  const before = process.listenerCount("SIGHUP");
  const takeBack = powers.host.onSignal("SIGHUP", () => {});
  expect(process.listenerCount("SIGHUP")).toBe(before + 1);
  takeBack();
  expect(process.listenerCount("SIGHUP")).toBe(before);
});
