import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { AstridError, type ServiceCall } from "../../ts/index.js";
import { type Actor, outcomes, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;
const seen: unknown[] = [];
const waiting: (() => void)[] = [];

/** Takes over everything but what its topic says. */
function service({ resource, payload }: ServiceCall): undefined | Promise<undefined> {
  if (resource === "news.refused") throw new AstridError("ASTRID_DEADLINE", "nobody took it");
  if (resource === "news.broken") throw new Error("a secret of the service");
  if (resource === "news.held") return new Promise((done) => waiting.push(() => done(undefined)));
  seen.push([resource, payload]);
  return undefined;
}

beforeAll(async () => {
  stage = await Stage.open({ services: { "ipc.publish": service } });
  actor = await stage.actor();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("ipc", () => {
  test("publishes any JSON value, in order, at the call and not when it is awaited", async () => {
    seen.splice(0);
    await actor.run([
      { call: "ipc.publish", args: ["news.a", { x: [1, null, "☕"] }], as: "never awaited" },
      { call: "ipc.publish", args: ["news.a-b_c.9", "text"] },
      { call: "ipc.publish", args: ["news.a"] },
    ]);
    expect(seen).toEqual([
      ["news.a", { x: [1, null, "☕"] }],
      ["news.a-b_c.9", "text"],
      ["news.a", null],
    ]);
  });

  test.each([
    ["an empty topic", ["", 1], "ASTRID_INVALID"],
    ["upper case", ["News.a", 1], "ASTRID_INVALID"],
    ["an empty segment", ["news..a", 1], "ASTRID_INVALID"],
    ["a long topic", [{ repeat: "n", times: 257 }, 1], "ASTRID_TOO_LARGE"],
    ["a large payload", ["news.a", { repeat: "x", times: 1_048_576 }], "ASTRID_TOO_LARGE"],
    ["a topic that was not granted", ["other", 1], "ASTRID_DENIED"],
    ["what nobody took in time", ["news.refused", 1], "ASTRID_DEADLINE"],
    ["what the service broke on", ["news.broken", 1], "ASTRID_SERVICE"],
  ])("refuses %s", async (_, args, code) => {
    const { told } = await actor.run([{ call: "ipc.publish", args }]);
    expect(told).toMatchObject([{ error: { name: "AstridGuestError", code } }]);
    expect(JSON.stringify(told)).not.toContain("secret");
  });

  test("takes payloads up to 1 MiB", async () => {
    const text = { repeat: "x", times: 1_048_574 };
    expect(await actor.code("ipc.publish", "news.large", text)).toBeUndefined();
  });

  test("refuses more than 256 that wait at once", async () => {
    const call = actor.value("many.publishes", "news.held", 260);
    while (waiting.length < 256) await new Promise((done) => setImmediate(done));
    for (const done of waiting.splice(0)) done();
    expect(await call).toEqual(Array.from({ length: 4 }, () => "ASTRID_QUOTA"));
  });

  test("tells a refusal by verb, topic and number, and the record by the number", async () => {
    const acted = await actor.run([{ call: "ipc.publish", args: ["other.topic", 1] }]);
    expect(outcomes(acted)).toEqual(["ASTRID_DENIED"]);
    const { verb, resource, number = -1 } = acted.told[0]?.error?.refusal ?? {};
    expect({ verb, resource }).toEqual({ verb: "ipc.publish", resource: "other.topic" });
    const records = await actor.records(acted);
    expect(records.find(({ sequence }) => sequence === BigInt(number))).toMatchObject({
      verb,
      resource,
      outcome: "denied",
    });
  });

  test("records the decision before the effect, and the outcome after it", async () => {
    const acted = await actor.run([{ call: "ipc.publish", args: ["news.recorded", 1] }]);
    const records = (await actor.records(acted)).filter(({ verb }) => verb === "ipc.publish");
    expect(records).toMatchObject([
      { kind: "call.decision", verdict: "allow", resource: "news.recorded" },
      { kind: "call.outcome", outcome: "ok", cause: records[0]?.sequence },
    ]);
  });
});
