// A component that takes long to compile is compiled in a process that can be killed; meanwhile
// the kernel answers, and when that process dies nothing else does.
import { readdir, readFile } from "node:fs/promises";

import { expect, test } from "@jest/globals";

import { Arena, endOf } from "../arena.js";
import { component } from "../text.js";

/** One function near the largest that the format allows, of branches that all depend on another. */
function bomb(functions: number, steps: number): string {
  const step = "local.get 0 if local.get 1 local.set 0 else local.get 0 local.set 1 end ";
  const body = step.repeat(steps);
  const one = `(func (param i32 i32) (result i32) ${body} local.get 0)`;
  return `(core module ${one.repeat(functions)})`;
}

/** The compiler processes that this process started. */
async function compilers(): Promise<number[]> {
  const tasks = await readdir("/proc/self/task");
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "")),
  );
  const pids = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  const named = await Promise.all(
    pids.map(async (pid) => {
      const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
      return name.startsWith("astrid-compiler") ? [pid] : [];
    }),
  );
  return named.flat();
}

test("the kernel answers while a bomb is compiled, and outlives its compiler", async () => {
  await using arena = await Arena.open();
  const other = await arena.load("stall");
  const loading = arena.kernel.load(await component(bomb(100, 3000))).then(
    () => "loaded",
    (error: { code?: unknown }) => error.code,
  );
  let pids: number[] = [];
  while (pids.length === 0) {
    expect(endOf(await other.call(1))).toEqual(["guest-error", "ASTRID_GUEST_STALLED"]);
    pids = await compilers();
  }
  for (let call = 0; call < 100; call++) {
    expect(endOf(await other.call(1))).toEqual(["guest-error", "ASTRID_GUEST_STALLED"]);
  }
  for (const pid of pids) process.kill(pid, "SIGKILL");
  expect(await loading).toBe("ASTRID_COMPILE_LIMIT");
  expect(await compilers()).toEqual([]);
  using again = await arena.load("exit");
  expect(endOf(await again.call(1))).toEqual(["guest-error", "ASTRID_GUEST_EXIT"]);
}, 120_000);

test("a component over its size is refused before a process is started", async () => {
  await using arena = await Arena.open();
  const bytes = new Uint8Array(2 ** 26 + 1);
  bytes.set([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);
  await expect(arena.kernel.load(bytes)).rejects.toMatchObject({
    code: expect.stringMatching(/^ASTRID_(?:COMPILE_LIMIT|NOT_A_COMPONENT)$/),
  });
});
