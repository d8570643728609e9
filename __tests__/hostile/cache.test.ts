// The cache of compiled code, changed on disk: what was changed is compiled anew, never loaded.
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { Arena, endOf, sourceOf } from "./arena.js";

const NAMES = ["recursion", "stall"] as const;
const ENDS = {
  recursion: ["stack-overflow", "ASTRID_STACK_OVERFLOW"],
  stall: ["guest-error", "ASTRID_GUEST_STALLED"],
};

async function load(arena: Arena, name: (typeof NAMES)[number]): Promise<boolean> {
  using capsule = await arena.kernel.load(await sourceOf(name));
  expect(endOf(await capsule.call(1))).toEqual(ENDS[name]);
  return capsule.isCached;
}

/** The files of the cache. */
async function files(arena: Arena): Promise<string[]> {
  const folder = join(arena.home, "cache");
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(".cwasm")).map((name) => join(folder, name));
}

test("unchanged code is taken from the cache", async () => {
  await using arena = await Arena.open();
  expect(await load(arena, "stall")).toBe(false);
  expect(await load(arena, "stall")).toBe(true);
});

const SPOILERS: Record<string, (file: string, bytes: Buffer) => Promise<void>> = {
  "a byte flipped in the code": (file, bytes) => {
    const at = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return writeFile(file, bytes);
  },
  "a byte flipped in the authenticator": (file, bytes) => {
    bytes.writeUInt8(bytes.readUInt8(8) ^ 1, 8);
    return writeFile(file, bytes);
  },
  "its last byte cut": (file, bytes) => truncate(file, bytes.length - 1),
  "all of it cut": (file) => truncate(file, 0),
  "only the head left": (file) => truncate(file, 40),
  "a byte added": (file, bytes) => writeFile(file, Buffer.concat([bytes, Buffer.of(0)])),
};

test.each(Object.keys(SPOILERS))("code with %s is compiled anew", async (what) => {
  await using arena = await Arena.open();
  await load(arena, "stall");
  const [file = ""] = await files(arena);
  await SPOILERS[what]?.(file, await readFile(file));
  expect(await load(arena, "stall")).toBe(false);
  expect(await load(arena, "stall")).toBe(true);
});

test("two files of the cache that changed places are both compiled anew", async () => {
  await using arena = await Arena.open();
  for (const name of NAMES) await load(arena, name);
  const [one = "", other = ""] = await files(arena);
  const [first, second] = [await readFile(one), await readFile(other)];
  await writeFile(one, second);
  await writeFile(other, first);
  for (const name of NAMES) expect(await load(arena, name)).toBe(false);
  for (const name of NAMES) expect(await load(arena, name)).toBe(true);
});

test("the cache of another home is not trusted", async () => {
  await using arena = await Arena.open();
  await using other = await Arena.open();
  await load(arena, "stall");
  await load(other, "stall");
  const [mine = ""] = await files(arena);
  const [theirs = ""] = await files(other);
  await writeFile(mine, await readFile(theirs));
  expect(await load(arena, "stall")).toBe(false);
});
