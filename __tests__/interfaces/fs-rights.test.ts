import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, outcomes, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  for (const name of ["read/a", "read/.env", "write/a", "both/a", "both/deep/b", "closed/a", "a"]) {
    await stage.scene.write(`workspace/${name}`, name);
  }
  actor = await stage.actor({
    rights: [
      "fs.read=workspace://read/**",
      "fs.read=workspace://both/**",
      "fs.write=workspace://write/**",
      "fs.write=workspace://both/**",
    ],
  });
});
afterAll(() => stage[Symbol.asyncDispose]());

const NEW = { write: true, create: true };
const X = { bytes: "x" };

describe("a refusal of fs", () => {
  test.each([
    ["fs.open", ["workspace://closed/a"], "fs.read", "workspace://closed/a"],
    ["fs.open", ["workspace://closed/missing"], "fs.read", "workspace://closed/missing"],
    ["fs.open", ["workspace://read/a", NEW], "fs.write", "workspace://read/a"],
    ["fs.open", ["workspace://write/a"], "fs.read", "workspace://write/a"],
    [
      "fs.open",
      ["workspace://write/a", { read: true, write: true }],
      "fs.read",
      "workspace://write/a",
    ],
    ["fs.stat", ["workspace://write/a"], "fs.read", "workspace://write/a"],
    ["fs.stat", ["workspace://read/.env"], "fs.read", "workspace://read/.env"],
    ["fs.list", ["workspace://closed"], "fs.read", "workspace://closed"],
    ["fs.createDirectory", ["workspace://read/d"], "fs.write", "workspace://read/d"],
    ["fs.remove", ["workspace://read/a"], "fs.write", "workspace://read/a"],
    ["fs.rename", ["workspace://read/a", "workspace://both/x"], "fs.write", "workspace://read/a"],
    ["fs.rename", ["workspace://write/a", "workspace://both/x"], "fs.read", "workspace://write/a"],
    ["fs.rename", ["workspace://both/a", "workspace://read/x"], "fs.write", "workspace://read/x"],
    ["fs.copy", ["workspace://write/a", "workspace://both/x"], "fs.read", "workspace://write/a"],
    ["fs.copy", ["workspace://both/a", "workspace://read/x"], "fs.write", "workspace://read/x"],
    ["fs.readFile", ["data://a"], "fs.read", "data://a"],
    ["fs.writeFile", ["tmp://a", X], "fs.write", "tmp://a"],
  ])(
    "%s of %j names %s and %s, and the record by its number",
    async (call, args, verb, resource) => {
      const acted = await actor.run([{ call, args }]);
      const { error } = acted.told[0] ?? {};
      expect(error).toMatchObject({ code: "ASTRID_DENIED", refusal: { verb, resource } });
      const number = BigInt(error?.refusal?.number ?? -1);
      const records = await actor.records(acted);
      expect(records.find(({ sequence }) => sequence === number)).toMatchObject({
        kind: "call",
        verb,
        resource,
        verdict: "deny",
        outcome: "denied",
        code: "ASTRID_DENIED",
      });
      expect(acted.result.refusals).toMatchObject([{ number, verb, resource }]);
    },
  );

  test("changed nothing", async () => {
    for (const name of ["read/a", "write/a", "both/a", "closed/a"]) {
      expect(await stage.scene.read(`workspace/${name}`)).toBe(name);
    }
    expect(await actor.value("fs.list", "workspace://both")).toMatchObject([
      { name: "a" },
      { name: "deep" },
    ]);
  });
});

describe("rights inside a directory", () => {
  test("a list shows what may be read, and the way to it", async () => {
    const names = async (path: string): Promise<string[]> =>
      ((await actor.value("fs.list", path)) as { name: string }[]).map(({ name }) => name);
    expect(await names("workspace://read")).toEqual(["a"]);
    expect(await actor.code("fs.list", "workspace://")).toBe("ASTRID_DENIED");
  });

  test("one protected entry refuses the whole of a remove, a copy and a move", async () => {
    await stage.scene.write("workspace/both/kept/a", "a");
    await stage.scene.write("workspace/both/kept/z/.env", "secret");
    const whole = { recursive: true };
    const acted = await actor.run([
      { call: "fs.remove", args: ["workspace://both/kept", whole] },
      { call: "fs.copy", args: ["workspace://both/kept", "workspace://both/copy", whole] },
      { call: "fs.rename", args: ["workspace://both/kept", "workspace://both/moved"] },
      { call: "fs.stat", args: ["workspace://both/kept/a"] },
      { call: "fs.stat", args: ["workspace://both/copy"] },
    ]);
    expect(outcomes(acted)).toEqual([
      "ASTRID_DENIED",
      "ASTRID_DENIED",
      "ASTRID_DENIED",
      expect.objectContaining({ kind: "file" }),
      "ASTRID_NOT_FOUND",
    ]);
    expect(await stage.scene.read("workspace/both/kept/z/.env")).toBe("secret");
  });

  test("what the rights cover is moved, copied and removed", async () => {
    const acted = await actor.run([
      { call: "fs.copy", args: ["workspace://read/a", "workspace://write/copy"] },
      { call: "fs.rename", args: ["workspace://both/deep", "workspace://both/moved"] },
      { call: "fs.readFile", args: ["workspace://both/moved/b"] },
      { call: "fs.remove", args: ["workspace://write/copy"] },
      { call: "fs.remove", args: ["workspace://both/moved", { recursive: true }] },
    ]);
    expect(outcomes(acted)).toEqual([null, null, { bytes: "both/deep/b" }, null, null]);
  });
});
