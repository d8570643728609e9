// More memory, tables or stack than the budget: a typed outcome, and the kernel lives.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, expectAlive } from "./arena.js";

const OUT_OF_MEMORY = ["out-of-memory", "ASTRID_OUT_OF_MEMORY"];
const STACK_OVERFLOW = ["stack-overflow", "ASTRID_STACK_OVERFLOW"];
const MEMORY_MIB = 32;

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena[Symbol.asyncDispose]());

describe("JavaScript that takes memory without end", () => {
  let hoard: Capsule;
  beforeAll(async () => {
    hoard = await arena.load("hoard", { memoryMib: MEMORY_MIB });
  });

  test.each([{ do: "bytes" }, { do: "objects" }, { do: "text" }, { do: "hugeArray" }])(
    "$do: stays in its budget and never traps",
    async (input) => {
      const result = await hoard.call(input);
      // The language may catch its own error before the budget says no.
      expect(["done", "guest-error", "out-of-memory"]).toContain(result.outcome);
      const budget = BigInt(MEMORY_MIB) << 20n;
      expect(result.usage.peakMemoryBytes).toBeLessThanOrEqual(budget);
      await expectAlive(await arena.load("hoard", { memoryMib: MEMORY_MIB }));
    },
  );

  test("recursion ends as stack-overflow, before the runtime's own stack is overrun", async () => {
    using fresh = await arena.load("hoard");
    expect(endOf(await fresh.call({ do: "recursion" }))).toEqual(STACK_OVERFLOW);
    await expectAlive(fresh);
  });
});

describe("WebAssembly that takes memory without end", () => {
  test.each([["memory-growth"], ["memories"], ["table-growth"], ["start-memory"]])(
    "in %s is out of memory",
    async (name) => {
      using capsule = await arena.load(name, { memoryMib: MEMORY_MIB });
      const result = await capsule.call(1);
      expect(endOf(result)).toEqual(OUT_OF_MEMORY);
      expect(result.usage.peakMemoryBytes).toBeLessThanOrEqual(BigInt(MEMORY_MIB) << 20n);
      expect(endOf(await capsule.call(1))).toEqual(OUT_OF_MEMORY);
    },
  );

  test.each([["recursion"], ["start-recursion"]])("in %s overflows its stack", async (name) => {
    using capsule = await arena.load(name);
    expect(endOf(await capsule.call(1))).toEqual(STACK_OVERFLOW);
    expect(endOf(await capsule.call(1))).toEqual(STACK_OVERFLOW);
  });
});

describe("the allocator's slots", () => {
  test.each(["many-memories", "many-tables", "many-instances"])(
    "that %s holds while idle don't keep another capsule from starting",
    async (name) => {
      await using small = await Arena.open({ instances: 4 });
      for (const principal of ["a", "b", "c"]) {
        const hog = await small.load(name, { principal });
        expect(endOf(await hog.call(1))).toEqual(["done"]);
      }
      const other = await small.load(name, { principal: "other" });
      expect(endOf(await other.call(1))).toEqual(["done"]);
    },
  );
});
