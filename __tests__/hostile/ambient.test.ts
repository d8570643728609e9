// Without a grant there is no time, no chance and no way out; and a guest can't end itself in a
// way that looks like something else.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, expectAlive } from "./arena.js";

let arena: Arena;
let timeless: Capsule;
beforeAll(async () => {
  arena = await Arena.open();
  timeless = await arena.load("timeless");
});
afterAll(() => arena[Symbol.asyncDispose]());

async function output(input: { do: string; rounds?: number }): Promise<unknown> {
  const result = await timeless.call(input);
  expect(endOf(result)).toEqual(["done"]);
  return result.outcome === "done" ? result.output : undefined;
}

describe("without clock.read", () => {
  test("time stands still at the message's arrival", async () => {
    const earliest = Date.now();
    const { before, after } = (await output({ do: "time", rounds: 1_000_000 })) as {
      before: [number, number, number];
      after: [number, number, number];
    };
    expect(after).toEqual(before);
    expect(before[0]).toBeGreaterThanOrEqual(earliest);
    expect(before[0]).toBeLessThanOrEqual(Date.now());
    expect(before[1]).toBe(before[0]);
  });
});

describe("without random.read", () => {
  test("chance is a function of the message", async () => {
    const seen = new Map<string, unknown>();
    for (let message = 0; message < 3; message++) {
      const { id, numbers } = (await output({ do: "chance" })) as { id: string; numbers: number[] };
      expect(new Set(numbers).size).toBe(3);
      seen.set(id, numbers[0]);
    }
    expect(new Set(seen.values()).size).toBe(3);
  });
});

test("without grants, what would need one says so, and nothing of a host is there", async () => {
  expect(await output({ do: "powers" })).toEqual({
    clock: "TypeError",
    random: "TypeError",
    console: "TypeError",
    names: [],
  });
});

describe("the end of a message", () => {
  test("that waits for nothing is a stall", async () => {
    const stalled = ["guest-error", "ASTRID_GUEST_STALLED"];
    expect(endOf(await timeless.call({ do: "never" }))).toEqual(stalled);
    await expectAlive(timeless);
    using stall = await arena.load("stall");
    expect(endOf(await stall.call(1))).toEqual(stalled);
    expect(endOf(await stall.call(1))).toEqual(stalled);
  });

  test("by exit is the guest's own", async () => {
    using exit = await arena.load("exit");
    for (let message = 0; message < 2; message++) {
      expect(endOf(await exit.call(1))).toEqual(["guest-error", "ASTRID_GUEST_EXIT"]);
    }
  });

  test("by two answers is a trap", async () => {
    using twice = await arena.load("answer-twice");
    expect(endOf(await twice.call(1))).toEqual(["trap", "ASTRID_TRAP"]);
    expect(endOf(await twice.call(1))).toEqual(["trap", "ASTRID_TRAP"]);
  });

  test.each(["ASTRID_AUDIT_CORRUPT", "ASTRID_INTERNAL", "ASTRID_DENIED"])(
    "with the kernel's code %s is a guest's error all the same",
    async (code) => {
      const result = await timeless.call({ do: "throws", code });
      expect(result.outcome).toBe("guest-error");
      const end = (await arena.records()).find(({ sequence }) => sequence === result.record);
      expect(end).toMatchObject({ outcome: "guest-error", code: "ASTRID_GUEST_ERROR" });
    },
  );
});
