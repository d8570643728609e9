// A file's stream written to a file: the host moves it alone, so neither fuel nor epochs of the
// guest's own code end it. It takes turns, is paid for, and ends with its message.
import { mkdir, stat } from "node:fs/promises";

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, residentMib } from "./arena.js";

const GRANTS = ["fs.read=workspace://**", "fs.write=workspace://**"];
const [NOTHING, WAITS, LEAVES, HOARDS] = [0, 1, 2, 3];
const TIME = { deadlineMs: 150 };
const FUEL = { fuel: 50_000_000 };

let arena: Arena;
let pipe: Capsule;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena[Symbol.asyncDispose]());
beforeEach(async () => {
  pipe = await arena.load("pipe", { grants: GRANTS });
});
afterEach(() => pipe.close());

/** Bytes that went through the pipe. */
async function moved(): Promise<number> {
  return (await stat(`${arena.workspace}/pipe`)).size;
}

test("a pipe without end is stopped by its deadline, and by fuel", async () => {
  const late = await pipe.call(WAITS, TIME);
  expect(endOf(late)).toEqual(["deadline", "ASTRID_DEADLINE"]);
  expect(await moved()).toBeGreaterThan(1);
  expect(late.usage.bytesOut).toBeGreaterThan(0n);
  expect(endOf(await pipe.call(WAITS, FUEL))).toEqual(["out-of-fuel", "ASTRID_OUT_OF_FUEL"]);
});

test("a pipe without end is stopped by its caller, and others are answered meanwhile", async () => {
  const load = async (name: string): Promise<Capsule> => {
    const workspace = arena.path(name);
    await mkdir(workspace);
    return arena.load("pipe", { grants: GRANTS, workspace });
  };
  const other = await load("other");
  const caller = new AbortController();
  // More of them than there are threads, each with a file of its own.
  const pipes = Array.from({ length: 8 }, async (_, at) =>
    (await load(`pipe-${at}`)).call(WAITS, { signal: caller.signal }),
  );
  for (let call = 0; call < 5; call++) expect(endOf(await other.call(NOTHING))).toEqual(["done"]);
  caller.abort();
  for (const end of (await Promise.all(pipes)).map(endOf)) {
    expect(end).toEqual(["cancelled", "ASTRID_CANCELLED"]);
  }
});

test("a pipe that was left behind moves nothing more", async () => {
  expect(endOf(await pipe.call(LEAVES))).toEqual(["done"]);
  const left = await moved();
  // The same instance again: it cuts the file to one byte and makes a pipe of its own.
  expect(endOf(await pipe.call(LEAVES))).toEqual(["done"]);
  expect(await moved()).toBeLessThanOrEqual(left);
  expect(endOf(await pipe.call(NOTHING))).toEqual(["done"]);
  expect(await moved()).toBe(1);
});

test("a million pipes are refused beyond the limit, and memory stays", async () => {
  const before = residentMib();
  const hoard = await pipe.call(HOARDS, { deadlineMs: 2000 });
  expect(["done", "deadline"]).toContain(hoard.outcome);
  expect(residentMib() - before).toBeLessThan(64);
});
