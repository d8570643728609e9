import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, outcomes, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("clock", () => {
  test("now is the wall time in microseconds, as a number", async () => {
    const before = Date.now() * 1000;
    const now = await actor.value("clock.now");
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual((Date.now() + 1) * 1000);
  });

  test("monotonic begins with the instance and never goes back", async () => {
    using fresh = await stage.actor();
    const steps = Array.from({ length: 50 }, () => ({ call: "clock.monotonic" }));
    const times = outcomes(await fresh.run(steps)) as number[];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const later = (await fresh.value("clock.monotonic")) as number;
    expect(later).toBeGreaterThan(times.at(-1) ?? 0);
    expect(times[0]).toBeLessThan(60_000_000);
  });

  test("sleep waits, not less than it was told", async () => {
    const told = await actor.run([
      { call: "clock.monotonic" },
      { call: "clock.sleep", args: [30] },
      { call: "clock.monotonic" },
      { call: "clock.sleep", args: [0] },
    ]);
    const [before, slept, after] = outcomes(told) as [number, null, number];
    expect(slept).toBeNull();
    expect(after - before).toBeGreaterThanOrEqual(30_000);
  });

  test("three sleeps awaited together take the time of the longest", async () => {
    const told = await actor.run([
      { call: "clock.monotonic" },
      { call: "clock.sleep", args: [300], as: "a" },
      { call: "clock.sleep", args: [300], as: "b" },
      { call: "clock.sleep", args: [300], as: "c" },
      { wait: "a" },
      { wait: "b" },
      { wait: "c" },
      { call: "clock.monotonic" },
    ]);
    const times = outcomes(told) as number[];
    const took = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(took).toBeGreaterThanOrEqual(300_000);
    // One after the other they would take at least 900 ms.
    expect(took).toBeLessThan(900_000);
  });

  test("a sleep is refused over its bound, and when too many wait", async () => {
    expect(await actor.code("clock.sleep", 3_600_001)).toBe("ASTRID_TOO_LARGE");
    expect(await actor.value("many.sleeps", 20, 256)).toMatchObject({ codes: [] });
    const { codes } = (await actor.value("many.sleeps", 20, 260)) as { codes: string[] };
    expect(codes).toEqual(Array.from({ length: 4 }, () => "ASTRID_QUOTA"));
    // The places are free again.
    expect(await actor.value("many.sleeps", 1, 256)).toMatchObject({ codes: [] });
  });

  test("a sleep ends with its message: what waits for it then waits for nothing", async () => {
    const { result } = await actor.run([{ call: "clock.sleep", args: [3_600_000], as: "long" }]);
    expect(result.usage.wallMicros).toBeLessThan(30_000_000n);
    expect(await actor.capsule.call([{ wait: "long" }])).toMatchObject({
      outcome: "guest-error",
      error: { code: "ASTRID_GUEST_STALLED" },
    });
    expect(await actor.value("clock.monotonic")).toBeGreaterThan(0);
  });

  test("without clock.read its import refuses the load", async () => {
    await expect(stage.actor({ without: ["clock.read"] })).rejects.toMatchObject({
      code: "ASTRID_UNKNOWN_IMPORT",
      message: expect.stringMatching(/clock@0\.1\.0 .*clock\.read/),
    });
  });
});
