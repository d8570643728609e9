// Folders full of files that nobody will ever clear up, and what their times tell.
import { mkdir, readdir, rename, symlink, utimes, writeFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule, Json, KernelOptions, LoadOptions, Prepared } from "../../ts/index.js";
import { Arena, endOf, expectAlive, sourceOf } from "./arena.js";

/** 2 ** 9 files in as many directories. */
const DOUBLINGS = 9;
const OVERFLOW = ["stack-overflow", "ASTRID_STACK_OVERFLOW"];

let shared: Arena;
let prepared: Prepared;
beforeAll(async () => {
  shared = await Arena.open();
  prepared = await shared.kernel.prepare(await sourceOf("litter"));
});
afterAll(() => shared[Symbol.asyncDispose]());

function load({ kernel, workspace }: Arena, options: LoadOptions = {}): Promise<Capsule> {
  return kernel.load(prepared, { workspace, approve: () => true, ...options });
}

function output(result: { outcome: string; output?: Json | undefined }): Json {
  expect(result.outcome).toBe("done");
  return result.output ?? null;
}

describe("a scratch folder full of files", () => {
  test("is nobody's when its instance ended, and gone when the kernel closed", async () => {
    await using arena = await Arena.open();
    const litter = await load(arena);
    const full = { do: "fillAndFall", root: "tmp://", doublings: DOUBLINGS };
    for (let message = 0; message < 3; message++) {
      expect(endOf(await litter.call(full))).toEqual(OVERFLOW);
      const fresh = { do: "names", root: "tmp://" };
      expect(output(await litter.call(fresh))).toEqual([]);
    }
    await arena.kernel.close();
    expect(await readdir(`${arena.home}/tmp`)).toEqual([]);
  });

  test("that a full kernel evicts is gone too, and the next capsule starts", async () => {
    await using arena = await Arena.open({ instances: 2 });
    for (const principal of ["a", "b", "c", "d"]) {
      const litter = await load(arena, { principal });
      const full = { do: "fill", root: "tmp://", doublings: DOUBLINGS };
      expect(endOf(await litter.call(full))).toEqual(["done"]);
    }
    await arena.kernel.close();
    expect(await readdir(`${arena.home}/tmp`)).toEqual([]);
  });
});

test("a full data folder is counted while others are answered, within its deadline", async () => {
  const options: KernelOptions = { home: shared.path("data-home") };
  const fill = { do: "fill", root: "data://", doublings: DOUBLINGS };
  await using first = await Arena.open(options);
  expect(endOf(await (await load(first)).call(fill))).toEqual(["done"]);
  await first.kernel.close();
  // Nothing of it is counted yet.
  await using again = await Arena.open(options);
  const owner = await load(again);
  const other = await load(again, { principal: "other" });
  await expectAlive(owner);
  const names = { do: "names", root: "data://" };
  const late = owner.call(names, { deadlineMs: 1 });
  const mine = owner.call(names);
  expect(output(await other.call(names))).toEqual([]);
  // The guest may see it first, and be in time at a fast disk.
  expect(["ASTRID_DEADLINE", undefined]).toContain(endOf(await late)[1]);
  expect(output(await mine)).toEqual([String(DOUBLINGS)]);
});

test("without clock.read a file's time is no clock", async () => {
  const litter = await load(shared);
  for (const root of ["tmp://", "data://"]) {
    const result = await litter.call({ do: "dates", path: `${root}file` });
    expect(output(result)).toEqual([0, 0, 0, 0, 0, 0]);
  }
  const earliest = Math.floor(Date.now() / 1000) * 1e6;
  const result = await litter.call({ do: "dates", path: "workspace://file" });
  const shown = output(result) as number[];
  expect(new Set(shown).size).toBe(1);
  expect(shown[0] as number).toBeGreaterThanOrEqual(earliest);
  expect((shown[0] as number) % 1e6).toBe(0);
});

describe("a workspace that is another folder when it is opened", () => {
  /** A folder that changes after it was planned with, before it is loaded. */
  async function changing(name: string, change: (path: string) => Promise<unknown>) {
    const workspace = shared.path(name);
    await mkdir(workspace);
    const approve = async (): Promise<boolean> => {
      await change(workspace);
      return true;
    };
    return load(shared, { workspace, approve });
  }

  test.each([
    ["a folder", (path: string) => mkdir(path)],
    ["a link to the one that was approved", (path: string) => symlink(`${path}-old`, path)],
    ["nothing", async () => undefined],
  ])("is refused: %s", async (name, replace) => {
    const loading = changing(name, async (path) => {
      await rename(path, `${path}-old`);
      await replace(path);
    });
    await expect(loading).rejects.toMatchObject({ code: "ASTRID_WORKSPACE" });
  });

  test("while what changes in it means nothing", async () => {
    const capsule = await changing("same", async (path) => {
      await writeFile(`${path}/file`, "");
      await utimes(path, 1, 1);
    });
    await expectAlive(capsule);
  });
});
