import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule, Json } from "../../ts/index.js";
import { Stage } from "./stage.js";

let stage: Stage;
let capsule: Capsule;

beforeAll(async () => {
  stage = await Stage.open();
  capsule = await stage.load("handlers");
});
afterAll(() => stage[Symbol.asyncDispose]());

/** The next message is served after each, by an instance that lives. */
async function afterwards(): Promise<void> {
  expect(await capsule.call("null")).toMatchObject({ outcome: "done", output: null });
}

describe("a handler that throws ends as guest-error", () => {
  test.each([
    ["error", "E_CAPSULE", "out of range"],
    ["coded", "E_MINE", "mine"],
    ["guestError", "E_OWN", "own"],
    ["badCode", "E_CAPSULE", "plain"],
    ["object", "E_PLAIN", "no Error"],
    ["string", "E_CAPSULE", "a string"],
    ["nothing", "E_CAPSULE", "undefined"],
    ["hostile", "E_CAPSULE", expect.any(String)],
    ["symbol", "E_CAPSULE", expect.stringContaining("mark")],
    ["noPrototype", "E_CAPSULE", expect.any(String)],
    ["longMessage", "E_CAPSULE", expect.stringMatching(/^m{4096}$/)],
    ["lone", "E_CAPSULE", "\ufffd"],
    ["rejects", "E_LATER", "later"],
    ["toJson", "E_FORM", "no form"],
    ["bigint", "E_OUTPUT", expect.stringMatching(/JSON.*bigint/i)],
    ["cycle", "E_OUTPUT", expect.stringMatching(/JSON.*circular/i)],
    ["never", "ASTRID_GUEST_STALLED", expect.any(String)],
  ])("%s: %s", async (act, code, message) => {
    expect(await capsule.call(act)).toMatchObject({
      outcome: "guest-error",
      error: { code, message },
    });
    await afterwards();
  });

  test("and so does one whose validation throws", async () => {
    expect(await capsule.call({ invalid: "plain" })).toMatchObject({
      outcome: "guest-error",
      error: { code: "E_INPUT", message: "not an act" },
    });
    expect(await capsule.call({ invalid: "coded" })).toMatchObject({ error: { code: "E_KIND" } });
  });
});

describe("an answer", () => {
  test.each(["undefined", "function"])("of %s is none", async (act) => {
    const result = await capsule.call(act);
    expect(result.outcome).toBe("done");
    expect("output" in result).toBe(false);
  });

  test.each<[string, Json]>([
    ["null", null],
    ["inside", { b: [null, null, null], c: null, d: "1970-01-01T00:00:00.000Z" }],
    ["unhandled", "answered"],
    ["surrogate", "\ud800"],
  ])("%s is as JSON has it", async (act, output) => {
    expect(await capsule.call(act)).toMatchObject({ outcome: "done", output });
    await afterwards();
  });

  test("has at most 1 MiB and 64 levels", async () => {
    const full = await capsule.call("full");
    expect(full.outcome === "done" && full.text?.length).toBe(1024 * 1024);
    expect(await capsule.call("deep63")).toMatchObject({ outcome: "done" });
    for (const act of ["over", "wide", "deep64"]) {
      expect(await capsule.call(act)).toMatchObject({
        outcome: "guest-error",
        error: { code: "ASTRID_GUEST_OUTPUT" },
      });
      await afterwards();
    }
  });
});

describe("an input", () => {
  test("has at most 1 MiB, counted in bytes", async () => {
    const most = "☕".repeat(Math.floor((1024 * 1024 - 2) / 3));
    expect(await capsule.call(most)).toMatchObject({ outcome: "done", output: most.length });
    const ascii = "x".repeat(1024 * 1024 - 2);
    expect(await capsule.call(ascii)).toMatchObject({ output: ascii.length });
    for (const over of [`${most}☕`, `${ascii}x`]) {
      await expect(capsule.call(over)).rejects.toMatchObject({ code: "ASTRID_INPUT" });
    }
  });

  test("has at most 64 levels", async () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(await capsule.call(nested(63))).toMatchObject({ outcome: "done" });
    await expect(capsule.call(nested(64))).rejects.toMatchObject({ code: "ASTRID_INPUT" });
  });
});
