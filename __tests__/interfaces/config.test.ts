import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, outcomes, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor({ config: { list: [2], added: null, ünï: "✓" } });
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("config", () => {
  test("is the manifest's, overlaid by the caller's", async () => {
    expect(await actor.value("config.get", "greeting")).toBe("hello");
    expect(await actor.value("config.get", "list")).toEqual([2]);
    expect(await actor.value("config.get", "added")).toBeNull();
    expect(await actor.value("config.get", "ünï")).toBe("✓");
    expect(await actor.value("config.keys")).toEqual(["added", "greeting", "list", "ünï"]);
    using plain = await stage.actor();
    expect(await plain.value("config.get", "list")).toEqual([1, { deep: true }]);
  });

  test("a key that is not set is undefined, one over its bound is refused", async () => {
    expect(await actor.value("config.get", "absent")).toBeNull();
    expect(await actor.code("config.get", { repeat: "k", times: 256 })).toBeUndefined();
    expect(await actor.code("config.get", { repeat: "k", times: 257 })).toBe("ASTRID_TOO_LARGE");
  });

  test("shows granted keys only, and tells a refusal by verb, key and number", async () => {
    using poor = await stage.actor({ rights: ["config.read=gr*"] });
    const acted = await poor.run([
      { call: "config.keys" },
      { call: "config.get", args: ["greeting"] },
      { call: "config.get", args: ["list"] },
      { call: "config.get", args: ["absent"] },
    ]);
    expect(outcomes(acted)).toEqual([["greeting"], "hello", "ASTRID_DENIED", "ASTRID_DENIED"]);
    const [, , { error } = {}] = acted.told;
    expect(error?.refusal).toMatchObject({ verb: "config.read", resource: "list" });
    const record = (await poor.records(acted)).find(
      ({ sequence }) => sequence === BigInt(error?.refusal?.number ?? -1),
    );
    expect(record).toMatchObject({
      kind: "call",
      verb: "config.read",
      resource: "list",
      verdict: "deny",
      outcome: "denied",
      code: "ASTRID_DENIED",
    });
    expect(acted.result.refusals[0]).toMatchObject({ number: record?.sequence, why: "no-rule" });
  });
});
