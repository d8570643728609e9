import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { type Actor, outcomes, Stage, type Step } from "./stage.js";

let stage: Stage;
let actor: Actor;
const content = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
  await stage.scene.write("workspace/large", content);
  await stage.scene.write("workspace/empty", "");
});
afterAll(() => stage[Symbol.asyncDispose]());

const LARGE = open("workspace://large", { read: true });
const NEW = { read: true, write: true, create: true, truncate: true };
const F = { ref: "f" };

function open(path: string, mode: object): Step {
  return { call: "fs.open", args: [path, mode], as: "f" };
}

/** The fixture's sum. */
function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (Math.imul(total, 31) + byte) >>> 0, 0);
}

describe("a read stream", () => {
  test("gives every byte in order, in chunks within their bound", async () => {
    const [, all, tail, end] = outcomes(
      await actor.run([
        LARGE,
        { call: "streams.readAll", args: [F] },
        { call: "streams.readAll", args: [F, 4_999_990] },
        { call: "streams.readAll", args: [F, 5_000_000] },
      ]),
    );
    expect(all).toMatchObject({ length: 5_000_000, sum: sum(content) });
    expect((all as { chunkMax: number }).chunkMax).toBeLessThanOrEqual(65_536);
    expect(tail).toMatchObject({ length: 10, sum: sum(content.subarray(4_999_990)) });
    expect(end).toMatchObject({ length: 0 });
  });

  test("of an empty file and of a file not opened for reading ends at once", async () => {
    const [, empty, , unreadable] = outcomes(
      await actor.run([
        open("workspace://empty", { read: true }),
        { call: "streams.readAll", args: [F] },
        open("tmp://unreadable", { write: true, create: true }),
        { call: "streams.readAll", args: [F] },
      ]),
    );
    expect(empty).toMatchObject({ length: 0 });
    expect(unreadable).toBe("ASTRID_INVALID");
  });

  test("may be left in the middle, as often as one likes", async () => {
    const steps = Array.from({ length: 400 }, () => ({ call: "streams.readSome", args: [F, 1] }));
    const [, ...lengths] = outcomes(await actor.run([LARGE, ...steps]));
    expect(lengths).toEqual(Array.from({ length: 400 }, () => expect.any(Number)));
    const again = await actor.run([LARGE, { call: "streams.lengthOf", args: [F] }]);
    expect(outcomes(again)[1]).toBe(5_000_000);
  });

  test("goes on when its file was closed, and ends when its message does", async () => {
    const first = await actor.run([
      LARGE,
      { on: "f", call: "stream", as: "s" },
      { call: "streams.next", args: [{ ref: "s" }] },
      { on: "f", call: "close" },
      { call: "streams.next", args: [{ ref: "s" }] },
    ]);
    const [, , one, , two] = outcomes(first);
    expect([one, two]).toEqual([expect.any(Number), expect.any(Number)]);
    const later = await actor.capsule.call([
      { call: "streams.next", args: [{ ref: "s" }] },
      { call: "streams.next", args: [{ ref: "s" }] },
      { call: "streams.next", args: [{ ref: "s" }] },
    ] as never);
    // A chunk that was read ahead may still be there; the end is an error, never more of the file.
    const told =
      later.outcome === "done" ? outcomes({ told: later.output as never, result: later }) : [];
    expect(told.filter((one) => typeof one === "number").length).toBeLessThanOrEqual(1);
    expect(told).toContain("ASTRID_CLOSED");
  });

  test("is recorded at its call", async () => {
    const acted = await actor.run([LARGE, { call: "streams.lengthOf", args: [F] }]);
    const records = (await actor.records(acted)).filter(({ verb }) => verb === "fs.read");
    expect(records).toMatchObject([{ kind: "call" }, { kind: "call" }]);
    expect(acted.result.usage.bytesIn).toBeGreaterThan(5_000_000n);
  });
});

describe("a write stream", () => {
  test("writes every chunk in order and tells how much", async () => {
    const lengths = [1, 0, 70_000, 3, 1_100_000];
    const acted = await actor.run([
      open("workspace://out", NEW),
      { call: "streams.writeAll", args: [F, 2, lengths] },
      { on: "f", call: "stat" },
    ]);
    const [, written, stat] = outcomes(acted);
    expect(written).toBe(1_170_004);
    expect(stat).toMatchObject({ size: 1_170_006 });
    const expected = lengths.map((length, at) => String.fromCharCode(at + 1).repeat(length));
    expect((await stage.scene.read("workspace/out")) === `\0\0${expected.join("")}`).toBe(true);
  });

  test("to a file not opened for writing, or over its bound, fails with the code", async () => {
    const acted = await actor.run([
      LARGE,
      { call: "streams.writeAll", args: [F, 0, [10]] },
      open("tmp://bound", NEW),
      { call: "streams.writeAll", args: [F, 4 * 1024 ** 3 - 5, [10]] },
      { call: "streams.writeAll", args: [F, 0, [10]] },
    ]);
    const [, readOnly, , over, well] = outcomes(acted);
    expect([readOnly, over, well]).toEqual(["ASTRID_INVALID", "ASTRID_TOO_LARGE", 10]);
  });

  test("whose source breaks fails as the source did", async () => {
    const acted = await actor.run([
      open("tmp://broken", NEW),
      { call: "streams.writeBroken", args: [F, [10]] },
      { on: "f", call: "writeFrom", args: [0, ["text"]] },
      { on: "f", call: "stat" },
    ]);
    const [, wrong, stat] = outcomes(acted).slice(1);
    expect(acted.told[1]).toMatchObject({ error: { message: "the source broke" } });
    expect(wrong).toBe("ASTRID_INVALID");
    expect(stat).toMatchObject({ kind: "file", size: 10 });
  });
});
