// What one message left behind is seen by messages of the same capsule, principal and authority,
// and by nobody else.
import { cp } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, HOSTILE } from "./arena.js";

const SECRET = "s3cret";
const NOTHING = {
  memory: null,
  global: null,
  prototype: null,
  kv: null,
  data: "ASTRID_NOT_FOUND",
  tmp: "ASTRID_NOT_FOUND",
};

let arena: Arena;
let mine: Capsule;
beforeAll(async () => {
  arena = await Arena.open();
  mine = await arena.load("stash", { principal: "alice" });
  expect(endOf(await mine.call({ do: "hide", secret: SECRET }))).toEqual(["done"]);
});
afterAll(() => arena[Symbol.asyncDispose]());

async function seek(capsule: Capsule): Promise<unknown> {
  const result = await capsule.call({ do: "seek" });
  return result.outcome === "done" ? result.output : endOf(result);
}

describe("what a message hid", () => {
  test("is found by the next one of the same authority, in the same instance", async () => {
    const all = Object.fromEntries(Object.keys(NOTHING).map((place) => [place, SECRET]));
    expect(await seek(mine)).toEqual(all);
  });

  test("is not found by another principal", async () => {
    expect(await seek(await arena.load("stash", { principal: "bob" }))).toEqual(NOTHING);
    expect(await seek(await arena.load("stash", { principal: "alice " }))).toEqual(NOTHING);
  });

  test("is not found by the same capsule from another folder", async () => {
    const copy = arena.path("copy");
    await cp(join(HOSTILE, "stash"), copy, { recursive: true });
    const twin = await arena.kernel.load(copy, { principal: "alice", approve: () => true });
    expect(twin.name).toBe(mine.name);
    expect(twin.identity).not.toBe(mine.identity);
    expect(await seek(twin)).toEqual(NOTHING);
  });

  test("is found in the store, but not in memory, under another authority", async () => {
    const grants = ["fs.read=data://secret", "fs.write=data://elsewhere"];
    const narrow = await arena.kernel.load(join(HOSTILE, "stash"), { principal: "alice", grants });
    expect(narrow.authority).not.toBe(mine.authority);
    expect(await seek(narrow)).toEqual({ ...NOTHING, kv: SECRET, data: SECRET });
  });

  test("is not found in the memory of an instance beside it, nor in its tmp://", async () => {
    const twin = await arena.load("stash", { principal: "alice" });
    expect(await seek(twin)).toEqual({ ...NOTHING, kv: SECRET, data: SECRET });
  });
});

test("a file kept open over the end of its message is closed for every use", async () => {
  const keeper = await arena.load("stash", { principal: "keeper" });
  expect(await keeper.call({ do: "keepFile" })).toMatchObject({ output: "kept" });
  const uses = ["read", "write", "append", "truncate", "stat", "sync"];
  const closed = Object.fromEntries(uses.map((use) => [use, "ASTRID_CLOSED"]));
  expect(await keeper.call({ do: "useFile" })).toMatchObject({
    output: { ...closed, still: "kept" },
  });
});
