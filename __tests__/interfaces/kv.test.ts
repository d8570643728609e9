import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, outcomes, Stage } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
});
afterAll(() => stage[Symbol.asyncDispose]());

const bytes = (text: string): { bytes: string } => ({ bytes: text });

describe("kv", () => {
  test("keeps what was set, every byte of it, beyond the instance", async () => {
    const every = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    const acted = await actor.run([
      { call: "kv.get", args: ["basic"] },
      { call: "kv.set", args: ["basic", bytes(every)] },
      { call: "kv.set", args: ["empty", bytes("")] },
      { call: "kv.get", args: ["basic"] },
      { call: "kv.get", args: ["empty"] },
    ]);
    expect(outcomes(acted)).toEqual([null, null, null, bytes(every), bytes("")]);
    using fresh = await stage.actor();
    expect(await fresh.value("kv.get", "basic")).toEqual(bytes(every));
    using other = await stage.actor({ principal: "somebody-else" });
    expect(await other.value("kv.get", "basic")).toBeNull();
  });

  test("tells whether a removed key was there", async () => {
    await actor.value("kv.set", "gone", bytes("x"));
    expect(await actor.value("kv.remove", "gone")).toBe(true);
    expect(await actor.value("kv.remove", "gone")).toBe(false);
    expect(await actor.value("kv.get", "gone")).toBeNull();
  });

  test("swaps only what is expected, where nothing is a value of its own", async () => {
    const acted = await actor.run(
      [
        [null, bytes("1")],
        [null, bytes("2")],
        [bytes("2"), bytes("3")],
        [bytes("1"), bytes("4")],
        [bytes("4"), null],
        [bytes("4"), null],
        [null, null],
        [bytes(""), bytes("x")],
      ].map(([expected, next]) => ({ call: "kv.compareAndSwap", args: ["swap", expected, next] })),
    );
    expect(outcomes(acted)).toEqual([true, false, false, true, true, false, true, false]);
  });

  test("lists by prefix in byte order, a page at a time", async () => {
    for (const key of ["p/b", "p/a", "p/Z", "p/ä", "p", "p0", "q/a"]) {
      await actor.value("kv.set", key, bytes("v"));
    }
    const all = ["p/Z", "p/a", "p/b", "p/ä"];
    expect(await actor.value("kv.list", "p/")).toEqual({ keys: all, next: null });
    expect(await actor.value("kv.list", "p/", null, 2)).toEqual({
      keys: ["p/Z", "p/a"],
      next: "p/a",
    });
    expect(await actor.value("kv.list", "p/", "p/a", 2)).toEqual({
      keys: ["p/b", "p/ä"],
      next: null,
    });
    expect(await actor.value("kv.list", "p/", "p/ä", 1)).toEqual({ keys: [], next: null });
    expect(await actor.value("kv.keys", "p/")).toEqual(all);
    expect(await actor.value("kv.list", "nothing/")).toEqual({ keys: [], next: null });
    expect(outcomes(await actor.run([{ call: "kv.list", args: [""] }]))).toMatchObject([
      { keys: expect.arrayContaining(all) },
    ]);
  });

  test("goes through more keys than a page holds", async () => {
    using many = await stage.actor({ principal: "many" });
    await many.value("many.keys", "k", 1001);
    const keys = (await many.value("kv.keys", "k")) as string[];
    expect(keys).toHaveLength(1001);
    expect(keys).toEqual([...keys].sort());
    expect(await many.value("kv.list", "k", null, 1000)).toMatchObject({ next: "k000999" });
  });

  test.each([
    ["an empty key", "kv.get", [""], "ASTRID_INVALID"],
    ["a key with NUL", "kv.set", ["a\0b", bytes("x")], "ASTRID_INVALID"],
    ["a long key", "kv.get", [{ repeat: "ü", times: 257 }], "ASTRID_TOO_LARGE"],
    ["a large value", "kv.set", ["k", { fill: 1, length: 1_048_577 }], "ASTRID_TOO_LARGE"],
    [
      "a large replacement",
      "kv.compareAndSwap",
      ["k", null, { fill: 1, length: 1_048_577 }],
      "ASTRID_TOO_LARGE",
    ],
    ["an empty page", "kv.list", ["p", null, 0], "ASTRID_INVALID"],
    ["a page over its bound", "kv.list", ["p", null, 1001], "ASTRID_INVALID"],
    ["an empty key to remove", "kv.remove", [""], "ASTRID_INVALID"],
    ["an empty key to swap", "kv.compareAndSwap", ["", null, null], "ASTRID_INVALID"],
  ])("refuses %s", async (_, call, args, code) => {
    expect(await actor.code(call, ...args)).toBe(code);
  });

  test("takes keys and values up to their bounds", async () => {
    expect(await actor.code("kv.set", { repeat: "ü", times: 256 }, bytes("x"))).toBeUndefined();
    const large = { fill: 7, length: 1_048_576 };
    expect(await actor.code("kv.set", "large", large)).toBeUndefined();
    expect(await actor.value("kv.get", "large")).toMatchObject({ length: 1_048_576 });
    await actor.value("kv.remove", "large");
  });

  test("is full at 64 MiB, and has room again when something goes", async () => {
    using full = await stage.actor({ principal: "full" });
    const steps = Array.from({ length: 64 }, (_, at) => ({
      call: "kv.set",
      args: [`large${at}`, { fill: 1, length: 1_048_576 }],
    }));
    const codes = outcomes(await full.run(steps));
    expect(codes.filter((code) => code === "ASTRID_QUOTA")).toHaveLength(1);
    expect(await full.code("kv.compareAndSwap", "x", null, { fill: 1, length: 1_048_576 })).toBe(
      "ASTRID_QUOTA",
    );
    await full.value("kv.remove", "large0");
    expect(await full.code("kv.set", "large63", { fill: 1, length: 1_048_576 })).toBeUndefined();
  });

  test("tells a refusal by verb, key and number, and the record by the number", async () => {
    using poor = await stage.actor({ rights: ["kv.read=open/*", "kv.write=open/w*"] });
    const acted = await poor.run([
      { call: "kv.get", args: ["closed"] },
      { call: "kv.set", args: ["open/r", bytes("x")] },
      { call: "kv.remove", args: ["open/r"] },
      { call: "kv.list", args: ["ope"] },
      { call: "kv.compareAndSwap", args: ["open/r", null, null] },
      { call: "kv.set", args: ["open/w", bytes("x")] },
      { call: "kv.get", args: ["open/w"] },
      { call: "kv.list", args: ["open/"] },
    ]);
    expect(acted.told.map(({ error }) => error?.refusal ?? null)).toMatchObject([
      { verb: "kv.read", resource: "closed" },
      { verb: "kv.write", resource: "open/r" },
      { verb: "kv.write", resource: "open/r" },
      { verb: "kv.read", resource: "ope" },
      { verb: "kv.write", resource: "open/r" },
      null,
      null,
      null,
    ]);
    const records = await poor.records(acted);
    for (const { error } of acted.told.slice(0, 5)) {
      const { verb, resource, number = -1 } = error?.refusal ?? {};
      expect(records.find(({ sequence }) => sequence === BigInt(number))).toMatchObject({
        verb,
        resource,
        code: "ASTRID_DENIED",
      });
    }
    // The second write of the same key was refused like the first, and has its number.
    const told = new Set(acted.told.slice(0, 5).map(({ error }) => error?.refusal?.number));
    expect(told.size).toBe(4);
    expect(acted.result.refusals.map(({ number }) => Number(number))).toEqual([...told]);
  });
});
