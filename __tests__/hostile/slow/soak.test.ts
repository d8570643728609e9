// 10,000 hostile calls in one process leave it as it was: memory, descriptors, threads.
import { afterAll, beforeAll, expect, test } from "@jest/globals";

import type { CallOptions, Capsule, Json } from "../../../ts/index.js";
import { Arena, descriptors, endOf, residentMib, threads } from "../arena.js";

const CALLS = 10_000;
const WARM_UP = 2_000;
/**
 * What the allocators of Node and Rust keep of their own accord after thousands of calls; a leak
 * of 8 KiB a call would be 80 MiB.
 */
const SLACK_MIB = 64;

interface Act {
  readonly name: string;
  readonly input: Json;
  readonly outcome: string;
  readonly options?: CallOptions;
}

const SHORT = { fuel: 2_000_000 };
const ACTS: readonly Act[] = [
  { name: "spin", input: { do: "handler" }, outcome: "out-of-fuel", options: SHORT },
  { name: "late-spin", input: 1, outcome: "out-of-fuel", options: SHORT },
  { name: "start-spin", input: 1, outcome: "out-of-fuel", options: SHORT },
  { name: "recursion", input: 1, outcome: "stack-overflow" },
  { name: "memory-growth", input: 1, outcome: "out-of-memory" },
  { name: "stall", input: 1, outcome: "guest-error" },
  { name: "exit", input: 1, outcome: "guest-error" },
  { name: "answer-twice", input: 1, outcome: "trap" },
  { name: "timeless", input: { do: "never" }, outcome: "guest-error" },
  { name: "leftover", input: { do: "sleep", ms: 3_600_000, name: "x" }, outcome: "done" },
  { name: "leftover", input: { do: "timer", ms: 3_600_000, name: "x" }, outcome: "done" },
];

let arena: Arena;
const capsules = new Map<string, Capsule>();
beforeAll(async () => {
  arena = await Arena.open();
  for (const { name } of ACTS) {
    if (!capsules.has(name)) capsules.set(name, await arena.load(name, { memoryMib: 32 }));
  }
});
afterAll(() => arena[Symbol.asyncDispose]());

async function run(calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const { name, input, outcome, options } = ACTS[call % ACTS.length] ?? fail();
    const result = await capsules.get(name)?.call(input, options);
    if (result?.outcome !== outcome) {
      expect([name, result === undefined ? "" : endOf(result)]).toEqual([name, outcome]);
    }
  }
}

function fail(): never {
  throw new Error("there is an act");
}

test("10,000 hostile calls leave memory, descriptors and threads as they were", async () => {
  await run(WARM_UP);
  const before = { mib: residentMib(), files: await descriptors(), threads: await threads() };
  await run(CALLS);
  expect(residentMib() - before.mib).toBeLessThan(SLACK_MIB);
  // The log may begin a new segment, and Node may open one for itself.
  expect((await descriptors()) - before.files).toBeLessThanOrEqual(2);
  expect((await threads()) - before.threads).toBeLessThanOrEqual(2);
}, 300_000);
