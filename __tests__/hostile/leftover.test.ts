// Work that outlives its reply has no message to act for: it is dropped, or runs in a later
// message of the same authority and is recorded as that one's.
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";

import type { AuditRecord, Capsule, Published } from "../../ts/index.js";
import { Arena, endOf } from "./arena.js";

const published: Published[] = [];
let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open({ onPublish: (message) => void published.push(message) });
});
afterAll(() => arena[Symbol.asyncDispose]());
beforeEach(() => {
  published.length = 0;
});

const EFFECTS = ["kv.write", "ipc.publish"];

/** Each effect's record lies between delivery and end of the message it names. */
function expectWithinMessages(records: readonly AuditRecord[]): void {
  const open = new Set<string>();
  for (const { kind, message = "", verb = "" } of records) {
    if (kind === "message.deliver") open.add(message);
    if (EFFECTS.includes(verb)) expect(open).toContain(message);
    if (kind === "message.end") open.delete(message);
  }
}

async function keys(capsule: Capsule): Promise<unknown> {
  const result = await capsule.call({ do: "keys" });
  return result.outcome === "done" ? result.output : result.outcome;
}

test.each([
  { do: "sleep", ms: 1, name: "slept" },
  { do: "timer", ms: 1, name: "timer" },
])("a wait that was left behind never takes effect: $do", async (input) => {
  const capsule = await arena.load("leftover", { principal: input.do });
  expect(endOf(await capsule.call(input))).toEqual(["done"]);
  // A wait of its own, longer than the one that was left behind.
  const later = await capsule.call({ do: "wait", ms: 100 });
  expect(later).toMatchObject({ outcome: "done", output: { keys: [] } });
  expect(await keys(capsule)).toMatchObject({ keys: [] });
  expect(published).toEqual([]);
});

test.each([
  { do: "chain", links: 1, name: "short" },
  { do: "chain", links: 10_000, name: "long" },
  { do: "interval", name: "interval" },
])("what is left behind acts for a running message or not at all: $name", async (input) => {
  const capsule = await arena.load("leftover", { principal: input.name });
  const before = (await arena.records()).length;
  expect(endOf(await capsule.call(input))).toEqual(["done"]);
  await capsule.call({ do: "wait", ms: 20 });
  await capsule.call({ do: "keys" });
  const records = (await arena.records()).slice(before);
  expect(records.length).toBeGreaterThan(4);
  expectWithinMessages(records);
});

test("nothing runs between messages", async () => {
  const capsule = await arena.load("leftover", { principal: "between" });
  await capsule.call({ do: "interval", name: "tick" });
  const before = (await arena.records()).length;
  const other = await arena.load("leftover", { principal: "clock" });
  await other.call({ do: "wait", ms: 100 });
  const since = (await arena.records()).slice(before);
  expect(since.filter(({ principal }) => principal === "between")).toEqual([]);
});

test("a closed capsule's leftovers are gone", async () => {
  const capsule = await arena.load("leftover", { principal: "closed" });
  await capsule.call({ do: "interval", name: "tick" });
  capsule.close();
  const again = await arena.load("leftover", { principal: "closed" });
  await again.call({ do: "wait", ms: 50 });
  expect(await keys(again)).toMatchObject({ keys: [] });
});
