// What a guest sends, or asks for, is bounded before the host allocates it.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, expectAlive, residentMib } from "./arena.js";

const MIB = 2 ** 20;

let arena: Arena;
let oversize: Capsule;
beforeAll(async () => {
  arena = await Arena.open();
  oversize = await arena.load("oversize");
});
afterAll(() => arena[Symbol.asyncDispose]());

describe("just over its bound", () => {
  test.each([
    [{ do: "randomBytes" }, "ASTRID_TOO_LARGE"],
    [{ do: "logLine", bytes: 8193 }, "ASTRID_TOO_LARGE"],
    [{ do: "fileRead" }, "ASTRID_TOO_LARGE"],
    [{ do: "fileWrite", bytes: 2 * MIB }, "ASTRID_TOO_LARGE"],
    [{ do: "fileOffset" }, "ASTRID_TOO_LARGE"],
    [{ do: "fileSize" }, "ASTRID_TOO_LARGE"],
    [{ do: "filePath", bytes: 4097 }, "ASTRID_INVALID"],
    [{ do: "kvValue", bytes: MIB + 1 }, "ASTRID_TOO_LARGE"],
    [{ do: "kvKey", bytes: 513 }, "ASTRID_TOO_LARGE"],
    [{ do: "kvList", limit: 2 ** 32 - 1 }, "ASTRID_INVALID"],
    [{ do: "topic", bytes: 257 }, "ASTRID_TOO_LARGE"],
    [{ do: "payload", bytes: MIB }, "ASTRID_TOO_LARGE"],
    [{ do: "deepPayload", depth: 65 }, "ASTRID_TOO_LARGE"],
    [{ do: "deepPayload", depth: 1000 }, "ASTRID_TOO_LARGE"],
    [{ do: "answer", bytes: MIB }, "ASTRID_GUEST_OUTPUT"],
    [{ do: "deepAnswer", depth: 65 }, "ASTRID_GUEST_OUTPUT"],
    [{ do: "deepAnswer", depth: 1000 }, "ASTRID_GUEST_OUTPUT"],
  ])("%j is refused with its code, and the instance lives on", async (input, code) => {
    expect(endOf(await oversize.call(input))).toEqual(["guest-error", code]);
    await expectAlive(oversize);
  });

  test("an error's code and text are cut", async () => {
    const result = await oversize.call({ do: "error", bytes: MIB });
    expect(endOf(result)).toEqual(["guest-error", "E_CAPSULE"]);
    expect(result.outcome === "done" ? "" : result.error.message).toHaveLength(4096);
  });
});

describe("far over every bound", () => {
  test.each([
    { do: "logLine", bytes: 10 * MIB },
    { do: "fileWrite", bytes: 10 * MIB },
    { do: "filePath", bytes: 10 * MIB },
    { do: "kvValue", bytes: 100 * MIB },
    { do: "kvKey", bytes: 10 * MIB },
    { do: "topic", bytes: 10 * MIB },
    { do: "payload", bytes: 10 * MIB },
    { do: "answer", bytes: 10 * MIB },
  ])("%j has a typed end, and the host's memory stays", async (input) => {
    const before = residentMib();
    const result = await oversize.call(input);
    // The instance that held it is gone with all its memory; the rest is the collector's slack.
    expect(residentMib() - before).toBeLessThan(96);
    await expectAlive(oversize);
    const [outcome, code = ""] = endOf(result);
    expect(["guest-error", "out-of-memory"]).toContain(outcome);
    expect(code).toMatch(/^ASTRID_(?:TOO_LARGE|INVALID|GUEST_OUTPUT|OUT_OF_MEMORY)$/);
  });

  test("a payload that is nested 100,000 levels deep does not reach the host", async () => {
    const result = await oversize.call({ do: "deepPayload", depth: 100_000 });
    expect(["guest-error", "stack-overflow"]).toContain(result.outcome);
    await expectAlive(oversize);
  });
});
