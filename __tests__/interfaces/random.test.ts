import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("random", () => {
  test("gives as many bytes as were asked for, others each time", async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 4; i++) {
      const { bytes } = (await actor.value("random.bytes", 32)) as { bytes: string };
      expect(bytes).toHaveLength(32);
      seen.add(bytes);
    }
    expect(seen.size).toBe(4);
    expect(await actor.value("random.bytes", 0)).toEqual({ bytes: "" });
    expect(await actor.value("random.bytes", 65_536)).toMatchObject({ length: 65_536 });
  });

  test("refuses more than its bound", async () => {
    expect(await actor.code("random.bytes", 65_537)).toBe("ASTRID_TOO_LARGE");
    expect(await actor.code("random.bytes", 4_294_967_295)).toBe("ASTRID_TOO_LARGE");
  });

  test("without random.read its import refuses the load", async () => {
    await expect(stage.actor({ without: ["random.read"] })).rejects.toMatchObject({
      code: "ASTRID_UNKNOWN_IMPORT",
      message: expect.stringMatching(/random@0\.1\.0 .*random\.read/),
    });
  });
});
