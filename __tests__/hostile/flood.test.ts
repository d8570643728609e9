// Floods of lines, messages and keys, and text that pretends to be something else.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";

import { escapeText } from "../../ts/base/escape.js";
import type { Capsule, LogLine, Published } from "../../ts/index.js";
import { Arena, endOf, expectAlive } from "./arena.js";

const MIB = 2 ** 20;
const STORE_BYTES = 64 * MIB;

let arena: Arena;
let flood: Capsule;
const lines: LogLine[] = [];
const published: Published[] = [];
beforeAll(async () => {
  arena = await Arena.open({
    onLine: (line) => lines.push(line),
    onPublish: (message) => void published.push(message),
  });
  flood = await arena.load("flood");
});
afterAll(() => arena[Symbol.asyncDispose]());
afterEach(() => {
  lines.length = 0;
  published.length = 0;
});

describe("log lines", () => {
  test("beyond the message's bytes are refused, and others still log", async () => {
    const text = "x".repeat(8192);
    const result = await flood.call({ do: "log", text, times: 1000 });
    expect(result).toMatchObject({ output: { at: 128, code: "ASTRID_QUOTA" } });
    expect(lines).toHaveLength(128);
    const other = await arena.load("flood", { principal: "other" });
    expect(await other.call({ do: "log", text: "heard" })).toMatchObject({ output: { at: 1 } });
    expect(await flood.call({ do: "log", text: "heard" })).toMatchObject({ output: { at: 1 } });
    expect(lines.slice(128).map((line) => line.text)).toEqual(["heard", "heard"]);
  });

  test("that are empty count too: a line is more than its text", async () => {
    const result = await flood.call({ do: "log", text: "", times: 50_000 });
    expect(result).toMatchObject({ output: { code: "ASTRID_QUOTA" } });
    expect(lines.length).toBeLessThan(50_000);
  });

  test.each([
    "one\ntwo",
    "one\r\ntwo",
    "\u001b[2J\u001b[1;1Hcleared",
    "\u001b]52;c;cm0gLXJmIH4=\u0007",
    "\u202egnp.exe\u202c",
    "\u0000nul",
    "\u2028line",
  ])("with %j stay one record and one line, which shows what it holds", async (text) => {
    const { record: before } = await flood.call({ do: "echo", value: 1 });
    expect(endOf(await flood.call({ do: "log", text }))).toEqual(["done"]);
    const calls = (await arena.records(before + 1n)).filter(({ verb }) => verb === "log.write");
    expect(calls).toHaveLength(1);
    expect(lines.map((line) => line.text)).toEqual([text]);
    const shown = escapeText(text);
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(
      JSON.stringify(calls, (_, value) => (typeof value === "bigint" ? 0 : value)),
    ).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe("messages", () => {
  test("sent at once are refused beyond the limit, and none is lost", async () => {
    const result = await flood.call({ do: "publish", times: 1000 });
    const { ok = 0, ASTRID_QUOTA: refused = 0 } =
      (result as { output?: Record<string, number> }).output ?? {};
    expect(ok + refused).toBe(1000);
    // Some may be answered, and their places free, before the last is sent.
    expect(ok).toBeGreaterThanOrEqual(256);
    expect(refused).toBeGreaterThan(0);
    expect(published).toHaveLength(ok);
    await expectAlive(flood);
  });

  test("by the hundred thousand end with a typed outcome", async () => {
    const result = await flood.call({ do: "publish", times: 100_000 });
    expect(["done", "out-of-memory"]).toContain(result.outcome);
    await expectAlive(flood);
  });

  test.each(["", ".", "a..b", "a.", "A", "a b", "a\n", "a*", "ä"])(
    "to %j are refused: it is no topic",
    async (topic) => {
      const result = await flood.call({ do: "publish", times: 1, topic });
      expect(result).toMatchObject({ output: { ASTRID_INVALID: 1 } });
      expect(published).toEqual([]);
    },
  );
});

describe("the store", () => {
  test("takes its bytes exactly, keys and values together", async () => {
    const store = await arena.load("flood", { principal: "exact" });
    const set = async (key: string, bytes: number, times: number): Promise<unknown> => {
      const result = await store.call({ do: "set", key, bytes, times });
      return result.outcome === "done" ? result.output : result.outcome;
    };
    // Keys are numbered: 10 of two bytes, then 53 of three.
    const full = 63 * MIB + 10 * 2 + 53 * 3;
    expect(await set("k", MIB, 64)).toEqual({ at: 63, code: "ASTRID_QUOTA" });
    const left = STORE_BYTES - full;
    expect(await set("x", left - 1, 1)).toEqual({ at: 0, code: "ASTRID_QUOTA" });
    expect(await set("x", left - 2, 1)).toEqual({ at: 1 });
    expect(await set("y", 0, 1)).toEqual({ at: 0, code: "ASTRID_QUOTA" });
    expect(await set("x", left - 4, 1)).toEqual({ at: 1 });
    expect(await set("y", 0, 1)).toEqual({ at: 1 });
    const other = await arena.load("flood", { principal: "not full" });
    expect(await other.call({ do: "set", key: "k", bytes: MIB, times: 1 })).toMatchObject({
      output: { at: 1 },
    });
  });

  test("takes keys as they are, and none that is no key", async () => {
    const store = await arena.load("flood", { principal: "keys" });
    const good = ["../x", "/", ".", "__proto__", "a\nb", "k".repeat(512), "é".repeat(256)];
    const bad = ["", "a\0b", "k".repeat(513), `${"é".repeat(256)}k`];
    const result = await store.call({ do: "keys", keys: [...good, ...bad] });
    const codes = ["ASTRID_INVALID", "ASTRID_INVALID", "ASTRID_TOO_LARGE", "ASTRID_TOO_LARGE"];
    expect(result).toMatchObject({ output: [...good.map(() => "ok"), ...codes] });
    const kept = await store.call({ do: "list" });
    const inOrder = [...good].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(kept).toMatchObject({ output: inOrder });
  });

  test("lone surrogates in a key don't trap the capsule", async () => {
    const store = await arena.load("flood", { principal: "surrogates" });
    const result = await store.call({ do: "surrogate" });
    expect(result.outcome).not.toBe("trap");
  });
});
