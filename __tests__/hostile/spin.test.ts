// Endless computation, wherever a guest can run code: it ends by fuel or by deadline, and the next
// message is answered.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, expectAlive } from "./arena.js";

const FUEL = { fuel: 50_000_000 };
const TIME = { deadlineMs: 150 };
const OUT_OF_FUEL = ["out-of-fuel", "ASTRID_OUT_OF_FUEL"];
const LATE = ["deadline", "ASTRID_DEADLINE"];

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena[Symbol.asyncDispose]());

describe("JavaScript that computes without end", () => {
  let spin: Capsule;
  beforeAll(async () => {
    spin = await arena.load("spin");
  });

  test.each(["handler", "microtasks", "getter", "pattern", "afterReply"])(
    "in %s is stopped by fuel and by deadline",
    async (act) => {
      expect(endOf(await spin.call({ do: act }, FUEL))).toEqual(OUT_OF_FUEL);
      await expectAlive(spin);
      expect(endOf(await spin.call({ do: act }, TIME))).toEqual(LATE);
      await expectAlive(spin);
    },
  );

  test("is recorded with its end and what it used", async () => {
    const { record } = await spin.call({ do: "handler" }, FUEL);
    const end = (await arena.records()).find(({ sequence }) => sequence === record);
    expect(end).toMatchObject({
      kind: "message.end",
      outcome: "out-of-fuel",
      code: "ASTRID_OUT_OF_FUEL",
    });
    expect(end?.usage?.fuel).toBeGreaterThan(49_000_000n);
  });
});

describe("WebAssembly that computes without end", () => {
  test.each(["start-spin", "post-return-spin", "late-spin"])(
    "in %s is stopped by fuel and by deadline",
    async (name) => {
      using capsule = await arena.load(name);
      expect(endOf(await capsule.call(1, FUEL))).toEqual(OUT_OF_FUEL);
      expect(endOf(await capsule.call(1, TIME))).toEqual(LATE);
      expect(endOf(await capsule.call(1, FUEL))).toEqual(OUT_OF_FUEL);
    },
  );

  test("that only ever gives way is stopped by its deadline", async () => {
    using capsule = await arena.load("yield");
    expect(endOf(await capsule.call(1, TIME))).toEqual(LATE);
    expect(endOf(await capsule.call(1, TIME))).toEqual(LATE);
  });

  test("that waits for an event nobody sends is stopped by its deadline", async () => {
    using capsule = await arena.load("wait");
    expect(endOf(await capsule.call(1, TIME))).toEqual(LATE);
    expect(endOf(await capsule.call(1, TIME))).toEqual(LATE);
  });
});
