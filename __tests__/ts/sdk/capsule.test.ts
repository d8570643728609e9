import { describe, expect, it } from "@jest/globals";

import { defineCapsule, type RawMessage } from "../../../ts/sdk/capsule.js";
import { entry } from "../../../ts/sdk/entry.js";
import { AstridGuestError, asGuestError } from "../../../ts/sdk/error.js";

const message: RawMessage = {
  topic: "tool.test",
  payload: '{"n":2}',
  sender: "cli",
  principal: "me",
  authority: "0123456789abcdef",
  id: "m-1",
};

const run = (definition: Parameters<typeof defineCapsule>[0], payload = message.payload) =>
  entry({ default: defineCapsule(definition) })({ ...message, payload });

describe("a capsule", () => {
  it("is handed parsed input and the message's other fields, and answers JSON", async () => {
    const answer = await run({ handle: (input, context) => ({ input, context }) });
    const { payload: _, ...context } = message;
    expect(JSON.parse(answer ?? "")).toEqual({ input: { n: 2 }, context });
  });

  it("answers nothing with undefined", async () => {
    expect(await run({ handle: () => undefined })).toBeNull();
  });

  it("must be the default export", () => {
    const form = "write export default defineCapsule({ handle(input) { … } })";
    const { handle } = defineCapsule({ handle: () => 1 });
    expect(() => entry({})).toThrow(`no capsule is exported; ${form}`);
    expect(() => entry({ handle })).toThrow(`handle is exported by itself; ${form}`);
  });

  it.each([
    [new Error("boom"), { code: "E_CAPSULE", message: "boom", refusal: null }],
    [
      Object.assign(new Error("x"), { code: "E_MINE" }),
      { code: "E_MINE", message: "x", refusal: null },
    ],
    [
      Object.assign(new Error("x"), { code: "not a code" }),
      { code: "E_CAPSULE", message: "x", refusal: null },
    ],
    ["text", { code: "E_CAPSULE", message: "text", refusal: null }],
    [new Error("\ud800"), { code: "E_CAPSULE", message: "\ufffd", refusal: null }],
  ])("that throws %p rejects with the contract's plain record", async (thrown, record) => {
    const answer = run({ handle: () => Promise.reject(thrown) });
    const rejected = await answer.catch((reason: unknown) => reason);
    expect(rejected).toEqual(record);
    expect(rejected).not.toBeInstanceOf(Error);
  });

  it("whose input is refused answers E_INPUT", async () => {
    const validate = (): never => {
      throw new Error("n is missing");
    };
    await expect(run({ validate, handle: () => 1 })).rejects.toEqual({
      code: "E_INPUT",
      message: "n is missing",
      refusal: null,
    });
  });
});

describe("an error of the host", () => {
  const refusal = { verb: "fs.read", resource: "workspace://x", number: 7 };
  const record = { code: "ASTRID_DENIED", message: "no", refusal };

  it("keeps its code and refusal, bare or as the payload of an Error", () => {
    const wrapped = Object.assign(new Error("see payload"), { payload: record });
    for (const thrown of [record, wrapped]) {
      const error = asGuestError(thrown);
      expect(error).toBeInstanceOf(AstridGuestError);
      expect({ ...error, message: error.message }).toMatchObject(record);
    }
  });
});

describe("Math.random", () => {
  const draw = (id: string) =>
    entry({
      default: { handle: () => JSON.stringify(Array.from({ length: 50 }, () => Math.random())) },
    })({ ...message, id });

  it("is a stream that the message decides", async () => {
    const first = await draw("m-1");
    expect(await draw("m-1")).toBe(first);
    expect(await draw("m-2")).not.toBe(first);
    const numbers = JSON.parse(first ?? "") as number[];
    expect(new Set(numbers).size).toBe(50);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  });
});
