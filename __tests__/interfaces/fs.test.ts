import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { everyKind } from "./kinds.js";
import { type Actor, outcomes, Stage, type Step } from "./stage.js";

let stage: Stage;
let actor: Actor;

beforeAll(async () => {
  stage = await Stage.open();
  actor = await stage.actor();
  await everyKind(stage.scene);
});
afterAll(() => stage[Symbol.asyncDispose]());

const bytes = (text: string): { bytes: string } => ({ bytes: text });
const READ = { read: true };
const WRITE = { write: true };
const NEW = { read: true, write: true, create: true };

/** Opens a file as `f` and does these calls on it. */
function on(path: string, mode: object, ...calls: readonly [string, ...unknown[]][]): Step[] {
  const uses = calls.map(([call, ...args]) => ({ on: "f", call, args }));
  return [{ call: "fs.open", args: [path, mode], as: "f" }, ...uses];
}

describe("an open file", () => {
  test("reads ranges, and less only at the end", async () => {
    await stage.scene.write("workspace/ten", "0123456789");
    const acted = await actor.run(
      on(
        "workspace://ten",
        READ,
        ["read", 0, 4],
        ["read", 8, 4],
        ["read", 10, 1],
        ["read", 2 ** 53 - 1, 1],
        ["readAll", 10],
        ["readAll", 9],
        ["write", 0, bytes("x")],
        ["append", bytes("x")],
        ["truncate", 0],
        ["read", 0, 1_048_577],
      ),
    );
    expect(outcomes(acted).slice(1)).toEqual([
      bytes("0123"),
      bytes("89"),
      bytes(""),
      bytes(""),
      bytes("0123456789"),
      "E_TOO_LARGE",
      "ASTRID_INVALID",
      "ASTRID_INVALID",
      "ASTRID_INVALID",
      "ASTRID_TOO_LARGE",
    ]);
  });

  test("writes, appends, cuts, extends and syncs", async () => {
    const acted = await actor.run(
      on(
        "data://w",
        NEW,
        ["write", 2, bytes("abc")],
        ["append", bytes("de")],
        ["truncate", 6],
        ["sync"],
        ["read", 0, 100],
        ["truncate", 8],
        ["read", 0, 100],
        ["stat"],
        ["writeAll", bytes("XY")],
        ["read", 0, 3],
      ),
    );
    const told = outcomes(acted).slice(1);
    expect(told.slice(0, 7)).toEqual([
      null,
      5,
      null,
      null,
      bytes("\0\0abcd"),
      null,
      bytes("\0\0abcd\0\0"),
    ]);
    expect(told[7]).toMatchObject({ kind: "file", size: 8 });
    expect(told.slice(8)).toEqual([null, bytes("XYa")]);
  });

  test("holds sizes over 32 bits, up to its bound", async () => {
    const GIB4 = 4 * 1024 ** 3;
    const acted = await actor.run(
      on(
        "workspace://sparse",
        NEW,
        ["truncate", GIB4],
        ["stat"],
        ["read", GIB4 - 2, 10],
        ["truncate", GIB4 + 1],
        ["write", GIB4, bytes("x")],
        ["append", bytes("x")],
      ),
    );
    const [, none, stat, ...rest] = outcomes(acted);
    expect(none).toBeNull();
    expect(stat).toMatchObject({ size: GIB4 });
    expect(rest).toEqual([
      bytes("\0\0"),
      "ASTRID_TOO_LARGE",
      "ASTRID_TOO_LARGE",
      "ASTRID_TOO_LARGE",
    ]);
    await actor.value("fs.remove", "workspace://sparse");
  });

  test("takes a write of 1 MiB, not more", async () => {
    const [, full, over, appended] = outcomes(
      await actor.run(
        on(
          "tmp://large",
          NEW,
          ["write", 0, { fill: 1, length: 1_048_576 }],
          ["write", 0, { fill: 1, length: 1_048_577 }],
          ["append", { fill: 1, length: 1_048_577 }],
        ),
      ),
    );
    expect([full, over, appended]).toEqual([null, "ASTRID_TOO_LARGE", "ASTRID_TOO_LARGE"]);
  });

  test("is closed by close, by using, and by the end of its message", async () => {
    await stage.scene.write("workspace/ten", "0123456789");
    const first = await actor.run([
      ...on("workspace://ten", READ, ["close"], ["close"]),
      { call: "many.usings", args: ["workspace://ten", 200] },
      { call: "many.opens", args: ["workspace://ten", 100] },
      { call: "fs.open", args: ["workspace://ten", { read: true, write: true }], as: "left" },
    ]);
    expect(outcomes(first).slice(3, 5)).toEqual([200, { count: 64, code: "ASTRID_QUOTA" }]);
    const uses: [string, ...unknown[]][] = [
      ["read", 0, 1],
      ["write", 0, bytes("x")],
      ["append", bytes("x")],
      ["truncate", 0],
      ["sync"],
      ["stat"],
      ["writeFrom", 0, []],
    ];
    const later = await actor.run([
      ...uses.map(([call, ...args]) => ({ on: "left", call, args })),
      { call: "streams.readAll", args: [{ ref: "left" }] },
      { on: "left", call: "close" },
      { call: "many.opens", args: ["workspace://ten", 100] },
    ]);
    expect(outcomes(later)).toEqual([
      ...Array.from({ length: 8 }, () => "ASTRID_CLOSED"),
      null,
      { count: 64, code: "ASTRID_QUOTA" },
    ]);
  });

  test("used after close is an error, not the end of the instance", async () => {
    await stage.scene.write("workspace/ten", "0123456789");
    const acted = await actor.run(on("workspace://ten", READ, ["close"], ["stat"], ["read", 0, 1]));
    expect(outcomes(acted).slice(2)).toEqual(["ASTRID_CLOSED", "ASTRID_CLOSED"]);
  });
});

describe("opening", () => {
  test.each([
    ["a missing file", "workspace://none", READ, "ASTRID_NOT_FOUND"],
    ["a missing file to write", "workspace://none", WRITE, "ASTRID_NOT_FOUND"],
    ["a directory", "workspace://folder", READ, "ASTRID_NOT_A_FILE"],
    ["a root", "workspace://", READ, "ASTRID_NOT_A_FILE"],
    ["a link", "workspace://link", READ, "ASTRID_NOT_A_FILE"],
    ["a path through a link", "workspace://linked/inner", READ, "ASTRID_NOT_A_FILE"],
    ["a second hard link to write", "workspace://hard", WRITE, "ASTRID_NOT_A_FILE"],
    ["a pipe", "workspace://pipe", READ, "ASTRID_NOT_A_FILE"],
    ["what is there, exclusively", "workspace://a", { ...NEW, exclusive: true }, "ASTRID_EXISTS"],
    ["with no mode", "workspace://a", {}, "ASTRID_INVALID"],
    ["with create alone", "workspace://a", { read: true, create: true }, "ASTRID_INVALID"],
    ["with truncate alone", "workspace://a", { read: true, truncate: true }, "ASTRID_INVALID"],
    [
      "exclusive without create",
      "workspace://a",
      { write: true, exclusive: true },
      "ASTRID_INVALID",
    ],
    ["an absolute path", "/etc/passwd", READ, "ASTRID_INVALID"],
    ["another root", "home://a", READ, "ASTRID_INVALID"],
    ["a parent", "workspace://folder/../a", READ, "ASTRID_INVALID"],
    ["a dot", "workspace://./a", READ, "ASTRID_INVALID"],
    ["an empty component", "workspace://folder//inner", READ, "ASTRID_INVALID"],
    ["a trailing slash", "workspace://a/", READ, "ASTRID_INVALID"],
    ["a backslash", "workspace://folder\\inner", READ, "ASTRID_INVALID"],
    ["NUL", "workspace://a\0b", READ, "ASTRID_INVALID"],
    ["a long path", `workspace://${"d/".repeat(3000)}a`, READ, "ASTRID_INVALID"],
    ["a deep path", `workspace://${"d/".repeat(128)}a`, READ, "ASTRID_INVALID"],
    ["a long name", `workspace://${"n".repeat(300)}`, READ, "ASTRID_INVALID"],
    ["a file as a folder", "workspace://a/b", READ, "ASTRID_NOT_A_FILE"],
    ["a protected name", "workspace://.env", READ, "ASTRID_DENIED"],
    ["a protected name that is missing", "workspace://.netrc", READ, "ASTRID_DENIED"],
    ["a protected folder to write", "workspace://.git/config", NEW, "ASTRID_DENIED"],
  ])("%s is refused", async (_, path, mode, code) => {
    expect(await actor.code("fs.open", path, mode)).toBe(code);
  });

  test("takes each of its modes", async () => {
    await stage.scene.write("workspace/cut", "long");
    const modes = [
      [{ write: true, truncate: true }, "workspace://cut"],
      [{ write: true, create: true, exclusive: true }, "tmp://new"],
      [{ write: true, create: true }, "tmp://new"],
      [{ read: true, write: true }, "workspace://a"],
    ] as const;
    for (const [mode, path] of modes)
      expect(await actor.code("fs.open", path, mode)).toBeUndefined();
    expect(await stage.scene.read("workspace/cut")).toBe("");
  });
});

describe("directories", () => {
  test("are listed in byte order, without what can't be opened", async () => {
    expect(await actor.value("fs.list", "workspace://folder")).toEqual([
      { name: "B", kind: "file", size: 1 },
      { name: "a", kind: "file", size: 2 },
      { name: "inner", kind: "directory", size: 0 },
      { name: "ä", kind: "file", size: 3 },
    ]);
    const names = ((await actor.value("fs.list", "workspace://")) as { name: string }[]).map(
      ({ name }) => name,
    );
    for (const hidden of [".env", "link", "linked", "pipe"]) expect(names).not.toContain(hidden);
    expect(names).toEqual(expect.arrayContaining(["a", "folder"]));
    expect(await actor.code("fs.list", "workspace://a")).toBe("ASTRID_NOT_A_FILE");
    expect(await actor.code("fs.list", "workspace://none")).toBe("ASTRID_NOT_FOUND");
  });

  test("of more entries than a page are listed whole", async () => {
    await actor.value("fs.createDirectory", "data://many");
    await actor.value("many.files", "data://many", 1003);
    const entries = (await actor.value("fs.list", "data://many")) as { name: string }[];
    expect(entries.map(({ name }) => name)).toEqual(
      Array.from({ length: 1003 }, (_, i) => `f${i}`).sort(),
    );
  });

  test("are made, and removed when empty or with all below", async () => {
    const acted = await actor.run([
      { call: "fs.createDirectory", args: ["data://d"] },
      { call: "fs.createDirectory", args: ["data://d"] },
      { call: "fs.createDirectory", args: ["data://none/d"] },
      { call: "fs.createDirectory", args: ["data://d/e"] },
      { call: "fs.writeFile", args: ["data://d/e/f", bytes("x")] },
      { call: "fs.stat", args: ["data://d"] },
      { call: "fs.remove", args: ["data://d"] },
      { call: "fs.remove", args: ["data://d", { recursive: true }] },
      { call: "fs.stat", args: ["data://d"] },
      { call: "fs.remove", args: ["data://d", { recursive: true }] },
      { call: "fs.createDirectory", args: ["data://"] },
    ]);
    expect(outcomes(acted)).toEqual([
      null,
      "ASTRID_EXISTS",
      "ASTRID_NOT_FOUND",
      null,
      null,
      { kind: "directory", size: 0, modified: expect.any(Number) },
      "ASTRID_NOT_EMPTY",
      null,
      "ASTRID_NOT_FOUND",
      "ASTRID_NOT_FOUND",
      "ASTRID_EXISTS",
    ]);
  });
});

describe("moving and copying", () => {
  test("files", async () => {
    const acted = await actor.run([
      { call: "fs.writeFile", args: ["data://m1", bytes("one")] },
      { call: "fs.writeFile", args: ["data://m2", bytes("two")] },
      { call: "fs.createDirectory", args: ["data://md"] },
      { call: "fs.rename", args: ["data://m1", "data://m2"] },
      { call: "fs.readFile", args: ["data://m2"] },
      { call: "fs.rename", args: ["data://m1", "data://m3"] },
      { call: "fs.rename", args: ["data://m2", "data://md"] },
      { call: "fs.rename", args: ["data://m2", "tmp://m2"] },
      { call: "fs.copy", args: ["data://m2", "tmp://m4"] },
      { call: "fs.readFile", args: ["tmp://m4"] },
      { call: "fs.copy", args: ["data://m2", "tmp://m4"] },
      { call: "fs.copy", args: ["data://m1", "tmp://m5"] },
    ]);
    expect(outcomes(acted).slice(3)).toEqual([
      null,
      bytes("one"),
      "ASTRID_NOT_FOUND",
      "ASTRID_EXISTS",
      "ASTRID_INVALID",
      null,
      bytes("one"),
      "ASTRID_EXISTS",
      "ASTRID_NOT_FOUND",
    ]);
  });

  test("directories", async () => {
    const acted = await actor.run([
      { call: "fs.createDirectory", args: ["data://t"] },
      { call: "fs.createDirectory", args: ["data://t/u"] },
      { call: "fs.writeFile", args: ["data://t/u/f", bytes("deep")] },
      { call: "fs.copy", args: ["data://t", "data://c"] },
      { call: "fs.copy", args: ["data://t", "data://c", { recursive: true }] },
      { call: "fs.readFile", args: ["data://c/u/f"] },
      { call: "fs.rename", args: ["data://c", "data://t/u/c"] },
      { call: "fs.readFile", args: ["data://t/u/c/u/f"] },
      { call: "fs.rename", args: ["data://t", "data://t/u/t"] },
      { call: "fs.copy", args: ["data://t", "data://t/u/t", { recursive: true }] },
    ]);
    expect(outcomes(acted).slice(3)).toEqual([
      "ASTRID_NOT_A_FILE",
      null,
      bytes("deep"),
      null,
      bytes("deep"),
      "ASTRID_INVALID",
      "ASTRID_INVALID",
    ]);
  });
});

test("stat tells kind, size and time in microseconds", async () => {
  const before = (Date.now() - 2_000) * 1000;
  await stage.scene.write("workspace/stat", "12345");
  const found = await actor.value("fs.stat", "workspace://stat");
  expect(found).toEqual({ kind: "file", size: 5, modified: expect.any(Number) });
  const { modified } = found as { modified: number };
  expect(modified).toBeGreaterThan(before);
  expect(modified).toBeLessThan((Date.now() + 2_000) * 1000);
  expect(await actor.code("fs.stat", "workspace://none")).toBe("ASTRID_NOT_FOUND");
});

test("whole files are written and read, over several host calls", async () => {
  const acted = await actor.run([
    { call: "fs.writeFile", args: ["tmp://whole", { fill: 3, length: 2_500_000 }] },
    { call: "fs.readFile", args: ["tmp://whole"] },
    { call: "fs.readFile", args: ["tmp://whole", 2_499_999] },
    { call: "fs.writeFile", args: ["tmp://whole", bytes("short")] },
    { call: "fs.readFile", args: ["tmp://whole"] },
  ]);
  expect(outcomes(acted)).toMatchObject([
    null,
    { length: 2_500_000 },
    "E_TOO_LARGE",
    null,
    bytes("short"),
  ]);
});
