// What is no capsule, or asks for what nobody provides, is refused before it runs, with a code.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { Arena } from "./arena.js";
import { framed } from "./frame.js";
import { component } from "./text.js";

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const PARAMETERS = "i32 ".repeat(12);
const HANDLER = `(core module $Main
  (func (export "handle") (param ${PARAMETERS}) (result i32) (i32.const 0)))
(core instance $main (instantiate $Main))`;

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena[Symbol.asyncDispose]());

async function codeOf(bytes: Uint8Array): Promise<unknown> {
  const code = await arena.kernel.load(bytes).then(
    () => "loaded",
    (error: { code?: unknown }) => error.code,
  );
  // Whatever it was, the next one loads and answers.
  using good = await arena.kernel.load(await framed(`;; lift: sync\n${HANDLER}`));
  expect(await good.call(1)).toMatchObject({ outcome: "done" });
  return code;
}

describe("bytes that are no component", () => {
  test.each<[string, (whole: Uint8Array) => Uint8Array]>([
    ["nothing", () => new Uint8Array(0)],
    ["text", () => new TextEncoder().encode("(component)")],
    ["a core module", () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ["a preamble cut short", () => Uint8Array.from(PREAMBLE.slice(0, 7))],
    ["noise", () => noise(10_000)],
    ["noise after a preamble", () => Uint8Array.from([...PREAMBLE, ...noise(10_000)])],
    ["a section longer than the file", () => Uint8Array.from([...PREAMBLE, 1, 0xff, 0xff, 0x03])],
    ["another version", (whole) => whole.map((byte, at) => (at === 4 ? 0x0e : byte))],
  ])("%s", async (_, spoil) => {
    const whole = await framed(`;; lift: sync\n${HANDLER}`);
    expect(await codeOf(spoil(whole))).toBe("ASTRID_NOT_A_COMPONENT");
  });

  test("cut short at any place, or with any byte changed, nothing gets through badly", async () => {
    const whole = await framed(`;; lift: sync\n${HANDLER}`);
    const codes = new Set<unknown>();
    for (let at = 8; at < whole.length; at += 29) {
      codes.add(await codeOf(whole.subarray(0, at)));
      codes.add(await codeOf(whole.map((byte, index) => (index === at ? byte ^ 0x55 : byte))));
    }
    const known = ["NOT_A_COMPONENT", "COMPILE", "UNKNOWN_IMPORT", "NO_HANDLER"];
    const allowed = new Set(["loaded", ...known.map((name) => `ASTRID_${name}`)]);
    expect([...codes].filter((code) => !allowed.has(String(code)))).toEqual([]);
  });
});

describe("imports", () => {
  test.each([
    "wasi:http/types@0.2.0",
    "wasi:sockets/tcp@0.2.0",
    "wasi:sockets/instance-network@0.2.0",
    "wasi:cli/environment@0.3.0",
    "wasi:filesystem/types@0.2",
    "astrid:capsule/clock@0.2.0",
    "astrid:capsule/types@0.1.1",
    "astrid:capsule/nothing@0.1.0",
    "astrid:kernel/everything@0.1.0",
    "evil:wasi/clocks@0.2.0",
  ])("of %s are refused", async (name) => {
    const bytes = await component(`(import "${name}" (instance))`);
    expect(await codeOf(bytes)).toBe("ASTRID_UNKNOWN_IMPORT");
  });

  test.each(["(func)", "(type (sub resource))", "(component)"])(
    "of a bare %s are refused",
    async (what) => {
      const bytes = await component(`(import "evil" ${what})`);
      expect(await codeOf(bytes)).not.toBe("loaded");
    },
  );

  test("of a known interface with other types are refused", async () => {
    const wrong = '(instance (export "now" (func (result u32))))';
    const bytes = await component(`(import "wasi:clocks/wall-clock@0.2.0" ${wrong})`);
    expect(await codeOf(bytes)).toBe("ASTRID_UNKNOWN_IMPORT");
  });
});

describe("handlers", () => {
  test.each([
    ["none", ""],
    ["an instance", '(instance $i) (export "handle" (instance $i))'],
    [
      "one without arguments",
      `(core module $M (func (export "f"))) (core instance $m (instantiate $M))
       (func $f (canon lift (core func $m "f"))) (export "handle" (func $f))`,
    ],
    [
      "one of another type",
      `(core module $M (func (export "f") (param i32) (result i32) (local.get 0)))
       (core instance $m (instantiate $M))
       (func $f (param "msg" u32) (result u32) (canon lift (core func $m "f")))
       (export "handle" (func $f))`,
    ],
  ])("%s: refused", async (_, fields) => {
    expect(await codeOf(await component(fields))).toBe("ASTRID_NO_HANDLER");
  });
});

describe("features that would escape the budget", () => {
  test.each([
    ["shared memory", "(memory 1 2 shared)"],
    ["garbage-collected arrays", "(type (array i64))"],
    ["64-bit memory", "(memory i64 1)"],
    ["a table larger than any pool", "(table 10000000 funcref)"],
    ["more memories than a capsule may have", "(memory 1)".repeat(9)],
  ])("%s: refused", async (_, field) => {
    const bytes = await component(`(core module ${field})`);
    expect(await codeOf(bytes)).toBe("ASTRID_COMPILE");
  });
});

/** Bytes that look random and are the same in every run. */
function noise(length: number): Uint8Array {
  let state = 0x2545f491;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return state >>> 24;
  });
}
