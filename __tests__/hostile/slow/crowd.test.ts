// 64 capsules that compute or give way without end: another one answers, every time.
import { setMaxListeners } from "node:events";

import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { Arena, endOf } from "../arena.js";

const CROWD = 64;
const CALLS = 100;
/** Far more than a call takes that shares two cores with 64 others in the slow lane. */
const PATIENCE = { deadlineMs: 10_000 };

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open({ instances: CROWD + 8 });
});
afterAll(() => arena[Symbol.asyncDispose]());

test.each([
  ["spin", { do: "handler" }],
  ["yield", 1],
  ["late-spin", 1],
  ["wait", 1],
])(
  "while 64 of %s run, another capsule answers",
  async (name, input) => {
    const hostile = await arena.load(name, { idleInstances: 0 });
    const other = await arena.load("leftover");
    const over = new AbortController();
    setMaxListeners(CROWD, over.signal);
    const options = { fuel: 10 ** 15, deadlineMs: 600_000, signal: over.signal };
    const crowd = Array.from({ length: CROWD }, () => hostile.call(input, options));
    for (let call = 0; call < CALLS; call++) {
      expect(endOf(await other.call({ do: "echo", value: call }, PATIENCE))).toEqual(["done"]);
    }
    // A wait in the host is answered in time too.
    expect(endOf(await other.call({ do: "wait", ms: 5 }, PATIENCE))).toEqual(["done"]);
    over.abort();
    const ends = await Promise.all(crowd);
    expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(["cancelled"]));
    hostile.close();
  },
  120_000,
);
