// Names that change hands while a guest uses them: what it is given is always the granted thing or
// an error, never what lies outside.
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";

import { afterAll, beforeAll, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, endOf, expectAlive } from "./arena.js";

const SECRET = "the secret outside";
const TIMES = 3000;

let arena: Arena;
let prisoner: Capsule;
beforeAll(async () => {
  arena = await Arena.open();
  prisoner = await arena.load("escape");
  await writeFile(arena.path("secret"), SECRET);
  await mkdir(arena.path("elsewhere"));
  await writeFile(arena.path("elsewhere/file"), SECRET);
});
afterAll(() => arena[Symbol.asyncDispose]());

type Tried = { readonly ok?: unknown; readonly code?: string };

/** Runs `call` again and again while `swap` runs again and again; the different answers. */
async function race(call: string, paths: string[], swap: () => Promise<void>): Promise<Tried[]> {
  const over = new AbortController();
  const input = { do: "race", times: TIMES, call, paths };
  const running = prisoner.call(input).finally(() => over.abort());
  let swaps = 0;
  while (!over.signal.aborted && swaps < 100_000) {
    await swap();
    swaps += 1;
  }
  const result = await running;
  expect(endOf(result)).toEqual(["done"]);
  expect(swaps).toBeGreaterThan(1);
  await expectAlive(prisoner);
  return result.outcome === "done" ? (result.output as Tried[]) : [];
}

/** Puts now a link to `outside`, now a copy made by `inside`, under the name `path`. */
function swapping(path: string, outside: string, inside: (name: string) => Promise<void>) {
  let turn = 0;
  return async (): Promise<void> => {
    turn += 1;
    const next = `${path}.${turn}`;
    if (turn % 2 === 0) await symlink(outside, next);
    else await inside(next);
    // A folder can't be replaced by renaming: it goes first.
    await rename(path, `${path}.old`).catch(() => undefined);
    await rename(next, path);
    await rm(`${path}.old`, { recursive: true, force: true });
  };
}

const KNOWN = ["ASTRID_NOT_A_FILE", "ASTRID_NOT_FOUND", "ASTRID_IO", undefined];

test("a file swapped for a link to the outside is never read", async () => {
  const swap = swapping(`${arena.workspace}/file`, arena.path("secret"), (name) =>
    writeFile(name, "granted"),
  );
  const seen = await race("read", ["workspace://file"], swap);
  expect(JSON.stringify(seen)).not.toContain(SECRET);
  expect(seen.filter(({ code }) => !KNOWN.includes(code))).toEqual([]);
});

test("a folder swapped for a link to the outside is never passed", async () => {
  const swap = swapping(`${arena.workspace}/folder`, arena.path("elsewhere"), async (name) => {
    await mkdir(name);
    await writeFile(`${name}/file`, "granted");
  });
  const seen = await race("read", ["workspace://folder/file"], swap);
  expect(JSON.stringify(seen)).not.toContain(SECRET);
  expect(seen.filter(({ code }) => !KNOWN.includes(code))).toEqual([]);
});

test("a file swapped for a link to the outside is never written", async () => {
  const swap = swapping(`${arena.workspace}/target`, arena.path("secret"), (name) =>
    writeFile(name, "granted"),
  );
  await race("write", ["workspace://target"], swap);
  expect(await readFile(arena.path("secret"), "utf8")).toBe(SECRET);
});

test("a folder swapped while it is removed takes nothing outside with it", async () => {
  const swap = swapping(`${arena.workspace}/doomed`, arena.path("elsewhere"), async (name) => {
    await mkdir(name);
    await writeFile(`${name}/file`, "granted");
  });
  await race("removeAll", ["workspace://doomed"], swap);
  expect(await readFile(arena.path("elsewhere/file"), "utf8")).toBe(SECRET);
});
