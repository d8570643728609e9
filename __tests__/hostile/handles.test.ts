// 1,000,000 handles: bounded by a count of their own, released with their message.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { Arena, descriptors, endOf, expectAlive, residentMib } from "./arena.js";

const MANY = 1_000_000;
const OPEN_FILES = 64;
const PENDING_CALLS = 256;

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena[Symbol.asyncDispose]());

describe("open files", () => {
  test("are refused beyond the limit, and each of the process's descriptors is", async () => {
    using hoard = await arena.load("hoard");
    await expectAlive(hoard);
    const before = await descriptors();
    const result = await hoard.call({ do: "files", times: MANY });
    expect(result).toMatchObject({ output: { at: OPEN_FILES, code: "ASTRID_QUOTA" } });
    expect((await descriptors()) - before).toBeLessThanOrEqual(OPEN_FILES + 2);
  });

  test("close when their message ends, so that the next one can open as many", async () => {
    using hoard = await arena.load("hoard");
    await expectAlive(hoard);
    const before = await descriptors();
    for (let message = 0; message < 3; message++) {
      const result = await hoard.call({ do: "files", times: MANY });
      expect(result).toMatchObject({ output: { at: OPEN_FILES } });
    }
    // The folder of tmp:// stays open.
    expect((await descriptors()) - before).toBeLessThanOrEqual(2);
  });

  test("that were closed count no more", async () => {
    using hoard = await arena.load("hoard");
    const times = OPEN_FILES * 20;
    expect(await hoard.call({ do: "dropped", times })).toMatchObject({ output: times });
  });

  test("are bounded also where only a stream holds them", async () => {
    using hoard = await arena.load("hoard");
    await expectAlive(hoard);
    const before = await descriptors();
    const result = await hoard.call({ do: "streams", times: 1000 });
    const held = (await descriptors()) - before;
    expect(held).toBeLessThanOrEqual(OPEN_FILES + 2);
    expect(result).toMatchObject({ output: { at: OPEN_FILES, code: "ASTRID_QUOTA" } });
  });
});

describe("waits", () => {
  test("that nobody awaits are refused beyond the limit", async () => {
    using hoard = await arena.load("hoard");
    expect(await hoard.call({ do: "sleeps", times: 1000 })).toMatchObject({
      output: { pending: PENDING_CALLS, codes: ["ASTRID_QUOTA"] },
    });
    await expectAlive(hoard);
  });

  test("by the million end with a typed outcome", async () => {
    using hoard = await arena.load("hoard");
    const result = await hoard.call({ do: "sleeps", times: MANY });
    expect(["done", "out-of-memory"]).toContain(result.outcome);
    await expectAlive(hoard);
  });

  test("one after another work as often as one likes", async () => {
    using hoard = await arena.load("hoard");
    expect(await hoard.call({ do: "naps", times: 5000 })).toMatchObject({ output: 5000 });
  });
});

test.each(["handle-sets", "handle-resources", "handle-streams", "wasi-flood"])(
  "%s: a million ends with the limit's outcome, and memory stays",
  async (name) => {
    using capsule = await arena.load(name);
    await capsule.call(1);
    const before = residentMib();
    for (let again = 0; again < 20; again++) {
      expect(endOf(await capsule.call(1))).toEqual(["out-of-memory", "ASTRID_OUT_OF_MEMORY"]);
    }
    // 20 times what a million handles of 64 bytes take would be more than a GiB.
    expect(residentMib() - before).toBeLessThan(64);
  },
);
