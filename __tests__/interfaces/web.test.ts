import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import type { Random } from "../../ts/base/powers.js";
import type { Capsule, Json } from "../../ts/index.js";
import { powers } from "../ts/kernel/scene.js";
import { Stage } from "./stage.js";

let stage: Stage;
let web: Capsule;
let bare: Capsule;

/** What every byte of the kernel's own randomness is, message ids among it. */
let fixed: number | undefined;
const random: Random = {
  bytes: (count) =>
    fixed === undefined ? powers.random.bytes(count) : new Uint8Array(count).fill(fixed),
};

beforeAll(async () => {
  stage = await Stage.open({}, { ...powers, random });
  web = await stage.load("web");
  bare = await stage.load("bare");
});
beforeEach(() => void stage.lines.splice(0));
afterAll(() => stage[Symbol.asyncDispose]());

async function answer(capsule: Capsule, act: string): Promise<Json | undefined> {
  const result = await capsule.call(act, { deadlineMs: 20_000 });
  if (result.outcome !== "done") throw new Error(`${act}: ${JSON.stringify(result.error)}`);
  return result.output;
}

describe("with their grants", () => {
  test("console writes lines, whatever it is given", async () => {
    await answer(web, "console");
    const lines = stage.lines.map(({ level, text }) => [level, text] as const);
    expect(lines.slice(0, 4)).toEqual([
      ["debug", 'debug 1 {"a":[true,null]}'],
      ["info", "log"],
      ["info", "info undefined 10"],
      ["warn", "warn [object Object]"],
    ]);
    expect(lines[4]?.[0]).toBe("error");
    expect(lines[4]?.[1]).toMatch(/^RangeError: broken\n/);
    expect(lines.slice(5, 7)).toEqual([
      ["debug", "trace"],
      ["error", "assertion failed: always"],
    ]);
    expect(lines[7]?.[1]).toMatch(/^x{2700}…$/);
    expect(lines[8]?.[1]).toBe("\ufffd");
    expect(lines).toHaveLength(9);
  });

  test("TextEncoder and TextDecoder speak UTF-8", async () => {
    expect(await answer(web, "text")).toEqual({
      round: "aü☕😀\0",
      length: 10,
      lone: [0xef, 0xbf, 0xbd],
      lossy: "a\ufffd\ufffd",
      fatal: expect.stringMatching(/^TypeError/),
      label: expect.stringMatching(/^RangeError/),
      bom: "a",
      into: [{ read: 2, written: 4 }, [0x61, 0xe2, 0x98, 0x95, 0]],
      view: "view",
    });
  });

  test("URL and URLSearchParams follow the standard", async () => {
    const url = new URL("https://user@exämple.org:8443/a/../b%20c?x=1&x=2#frag");
    url.searchParams.append("y", "ü&");
    expect(await answer(web, "url")).toEqual({
      href: url.href,
      host: url.host,
      all: ["1", "2"],
      bad: expect.stringMatching(/^TypeError/),
      params: new URLSearchParams({ a: "1 2", b: "+" }).toString(),
    });
  });

  test("structuredClone copies deeply, circles too", async () => {
    expect(await answer(web, "clone")).toEqual({ deep: true, date: 5, bytes: [1], bad: true });
  });

  test("btoa and atob", async () => {
    expect(await answer(web, "base64")).toEqual(["aGVsbG8=", "hello", true]);
  });

  test("crypto fills what it is given and makes version 4 UUIDs", async () => {
    type Made = { words: number[]; outside: number[]; uuids: string[] };
    const one = (await answer(web, "crypto")) as Made;
    const two = (await answer(web, "crypto")) as Made;
    expect(one.words).not.toEqual(two.words);
    expect(one.outside).toEqual([0, 0, 0, 0, 0, 0]);
    const uuids = [...one.uuids, ...two.uuids];
    expect(new Set(uuids).size).toBe(8);
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  test("AbortController aborts once and tells everyone", async () => {
    expect(await answer(web, "abort")).toEqual({
      heard: ["on", "abort"],
      any: true,
      reason: "AbortError",
      thrown: expect.stringMatching(/^AbortError/),
    });
  });

  test("timers fire in order of their times, with their arguments, unless cleared", async () => {
    const { order, waited } = (await answer(web, "timers")) as { order: string[]; waited: number };
    expect(order).toEqual(["sync", "micro", "a", "b", "c,3"]);
    expect(waited).toBeGreaterThanOrEqual(60);
  });

  test("setInterval goes on until it is cleared", async () => {
    expect(await answer(web, "interval")).toBe(4);
  });

  test("a timer set in another's callback holds up no third", async () => {
    expect(await answer(web, "nested")).toEqual(["first", "second"]);
  });

  test("there may be more timers than the host lets calls wait", async () => {
    expect(await answer(web, "many")).toBe(0);
    expect(await answer(web, "crowd")).toBe(1000);
  });

  test("timers that are left, message after message, take no place for good", async () => {
    for (let i = 0; i < 300; i++) await answer(web, "left");
    expect(stage.lines).toEqual([]);
    expect(await answer(web, "interval")).toBe(4);
  });

  test("a timer's callback that throws ends nothing", async () => {
    expect(await answer(web, "throwing")).toBe("still here");
  });

  test("Date moves", async () => {
    const before = Date.now();
    const { first, second, year } = (await answer(web, "date")) as Record<string, number>;
    expect(first).toBeGreaterThanOrEqual(before - 1);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(14);
    expect(year).toBe(new Date().getUTCFullYear());
  });

  test("Math.random differs between instances and messages", async () => {
    const fresh = await stage.load("web");
    const seen = [
      await answer(web, "math"),
      await answer(web, "math"),
      await answer(fresh, "math"),
    ];
    expect(new Set(seen.map((numbers) => JSON.stringify(numbers))).size).toBe(3);
    for (const number of seen.flat() as number[]) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
    }
  });
});

describe("without a grant", () => {
  test("those that need none work", async () => {
    expect(await answer(bare, "granted")).toEqual({
      order: ["microtask"],
      text: "☕",
      url: "https://example.org/b?x=1#y",
      clone: { a: [1, "1970-01-01T00:00:00.000Z"] },
      base64: ["/wBh", "\xff\0a"],
      aborted: "why",
      absent: ["undefined", "undefined"],
    });
  });

  test("the others say which grant they need", async () => {
    const needs = (name: string, verb: string) =>
      `${name} needs the grant "${verb}" in Capsule.toml`;
    expect(await answer(bare, "ungranted")).toEqual({
      console: needs("console", "log.write"),
      crypto: needs("crypto", "random.read"),
      setTimeout: needs("setTimeout", "clock.read"),
      setInterval: needs("setInterval", "clock.read"),
      clearTimeout: needs("clearTimeout", "clock.read"),
      clearInterval: needs("clearInterval", "clock.read"),
    });
  });

  test("Date stands still at the message's arrival", async () => {
    const before = Date.now();
    const { first, second, iso } = (await answer(bare, "date")) as Record<string, number | string>;
    expect(second).toBe(first);
    expect(first).toBeGreaterThanOrEqual(before - 1);
    expect(first).toBeLessThanOrEqual(Date.now());
    expect(iso).toBe(new Date(Number(first)).toISOString());
  });

  test("Math.random is told by the message's id, not by the instance", async () => {
    using other = await stage.load("bare");
    try {
      fixed = 7;
      const seven = await answer(bare, "math");
      expect(await answer(bare, "math")).toEqual(seven);
      expect(await answer(other, "math")).toEqual(seven);
      expect(await answer(web, "math")).not.toEqual(await answer(web, "math"));
      fixed = 8;
      expect(await answer(bare, "math")).not.toEqual(seven);
    } finally {
      fixed = undefined;
    }
  });
});
