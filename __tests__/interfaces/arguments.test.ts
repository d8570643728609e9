import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
  await stage.scene.write("workspace/f", "hello");
});
afterAll(() => stage[Symbol.asyncDispose]());

const HALF = "\ud800";
const X = { bytes: "x" };

// The engine would end the instance for these.
describe("an argument of another type than the contract's is an error like any other", () => {
  test.each<[string, unknown[]]>([
    ["clock.sleep", ["5"]],
    ["clock.sleep", []],
    ["clock.sleep", [-1]],
    ["clock.sleep", [1.5]],
    ["config.get", [HALF]],
    ["config.get", [5]],
    ["random.bytes", [-1]],
    ["random.bytes", ["1"]],
    ["kv.get", []],
    ["kv.get", [HALF]],
    ["kv.set", ["k", "text"]],
    ["kv.set", ["k", [1, 2]]],
    ["kv.remove", [{}]],
    ["kv.list", [5]],
    ["kv.list", ["p", 5]],
    ["kv.list", ["p", null, -1]],
    ["kv.compareAndSwap", ["k", "text", null]],
    ["kv.compareAndSwap", ["k", null, 5]],
    ["log.write", ["shout", "x"]],
    ["log.info", [5]],
    ["ipc.publish", [5, 1]],
    ["ipc.publish", [`news.${HALF}`, 1]],
    ["fs.open", [5]],
    ["fs.stat", [`workspace://${HALF}`]],
    ["fs.list", [null]],
    ["fs.createDirectory", []],
    ["fs.remove", [5]],
    ["fs.rename", ["workspace://f"]],
    ["fs.copy", ["workspace://f", 5]],
    ["fs.writeFile", ["workspace://g", "text"]],
  ])("%s(%j)", async (call, args) => {
    expect(await actor.code(call, ...args)).toBe("ASTRID_INVALID");
  });

  test.each<[string, unknown[]]>([
    ["read", [-1, 5]],
    ["read", [0, -5]],
    ["read", [0.5, 5]],
    ["read", [2 ** 53, 5]],
    ["read", []],
    ["write", [0, "text"]],
    ["write", ["0", X]],
    ["append", [[1]]],
    ["truncate", [-1]],
    ["stream", [-1]],
    ["writeFrom", [-1, []]],
  ])("file.%s(%j)", async (call, args) => {
    const { told } = await actor.run([
      { call: "fs.open", args: ["workspace://f", { read: true, write: true }], as: "f" },
      { on: "f", call, args },
      { on: "f", call: "read", args: [0, 9] },
    ]);
    expect(told[1]?.error?.code).toBe("ASTRID_INVALID");
    expect(told[2]?.value).toEqual({ bytes: "hello" });
  });

  test("a larger number than the contract's is over the bound, never another number", async () => {
    expect(await actor.code("clock.sleep", 2 ** 32)).toBe("ASTRID_TOO_LARGE");
    expect(await actor.code("clock.sleep", 2 ** 32 + 1)).toBe("ASTRID_TOO_LARGE");
    expect(await actor.code("random.bytes", 2 ** 32 + 1)).toBe("ASTRID_TOO_LARGE");
    expect(await actor.code("kv.list", "p", null, 2 ** 32 + 1)).toBe("ASTRID_INVALID");
  });
});
