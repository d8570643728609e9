import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { type Actor, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
});
beforeEach(() => void stage.lines.splice(0));
afterAll(() => stage[Symbol.asyncDispose]());

describe("log", () => {
  test("writes a line at each level, in order, as it was given", async () => {
    const hostile = "\u001b[31m\n\u202e\0 ☕";
    await actor.run([
      { call: "log.debug", args: ["d"] },
      { call: "log.info", args: ["i"] },
      { call: "log.warn", args: ["w"] },
      { call: "log.error", args: [hostile] },
      { call: "log.write", args: ["info", ""] },
    ]);
    expect(stage.lines.map(({ level, text }) => [level, text])).toEqual([
      ["debug", "d"],
      ["info", "i"],
      ["warn", "w"],
      ["error", hostile],
      ["info", ""],
    ]);
  });

  test("counts a line's bytes, not its characters", async () => {
    expect(await actor.code("log.info", { repeat: "x", times: 8192 })).toBeUndefined();
    expect(await actor.code("log.info", { repeat: "x", times: 8193 })).toBe("ASTRID_TOO_LARGE");
    expect(await actor.code("log.info", { repeat: "ü", times: 4097 })).toBe("ASTRID_TOO_LARGE");
    expect(stage.lines).toHaveLength(1);
  });

  test("takes 1 MiB a message, and the next message has its own", async () => {
    const full = { count: 128, code: "ASTRID_QUOTA" };
    expect(await actor.value("many.lines", 8192, 200)).toEqual(full);
    expect(await actor.value("many.lines", 8192, 200)).toEqual(full);
  });

  test("without log.write its import refuses the load", async () => {
    await expect(stage.actor({ without: ["log.write"] })).rejects.toMatchObject({
      code: "ASTRID_UNKNOWN_IMPORT",
      message: expect.stringMatching(/log@0\.1\.0 .*log\.write/),
    });
  });
});
