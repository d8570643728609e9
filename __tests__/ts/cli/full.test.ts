// A disk that takes no more: a bound on the length of files makes the same writes fail wherever
// the tests run, and a small file system of its own shows the real thing where one can be mounted.
import { spawnSync } from "node:child_process";
import { mkdir, readdir, stat } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { Kernel } from "../../../ts/kernel/kernel.js";
import { shellWord } from "../../../ts/policy/grant.js";
import { powers, Scene } from "../kernel/scene.js";
import { astrid, LAUNCH } from "./program.js";

/** Reads that nothing grants; each leaves a record of some 4,000 bytes. */
const READS = {
  do: "tryReads",
  paths: Array.from({ length: 25 }, (_, at) => `data://${at}${"n".repeat(3600)}`),
};
const LONGER_THAN_IMAGES = 3 * 1024 * 1024;
const SEGMENT = "home/audit/segment-00000001.log";

async function lengthenLog(scene: Scene): Promise<void> {
  await using kernel = await Kernel.open({ home: scene.home }, powers);
  using capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
  while ((await segmentBytes(scene)) < LONGER_THAN_IMAGES) await capsule.call(READS);
}

async function segmentBytes(scene: Scene): Promise<number> {
  return (await stat(scene.path(SEGMENT))).size;
}

/** Opens the home, reads its whole log, and says which kinds of records are in it. */
async function kindsOf(scene: Scene): Promise<Set<string>> {
  await using kernel = await Kernel.open({ home: scene.home }, powers);
  const kinds = new Set<string>();
  for await (const { kind } of kernel.records({ from: 1n })) kinds.add(kind);
  return kinds;
}

describe("a log that can't be written", () => {
  test("ends the call with its code, and goes on when there is room again", async () => {
    await using scene = await Scene.make();
    const probe = await scene.probe();
    const folders = ["--home", scene.home, "--workspace", scene.workspace];
    const command = ["run", probe, ...folders, "--input"];
    const reads = JSON.stringify(READS);
    // The bound also holds for the image of an instance's memory, so the log must be the longest.
    await lengthenLog(scene);
    const before = await segmentBytes(scene);

    const fileKib = Math.ceil(before / 1024) + 8;
    const full = await astrid([...command, reads, "--json"], { fileKib });
    expect(full.stderr).toContain("[ASTRID_AUDIT_WRITE]");
    expect(full.code).toBe(7);
    expect(JSON.parse(full.stdout)).toMatchObject({ error: { code: "ASTRID_AUDIT_WRITE" } });
    expect(await segmentBytes(scene)).toBeLessThanOrEqual(fileKib * 1024);

    const after = await astrid([...command, '{"do":"echo","value":1}']);
    expect(after).toMatchObject({ code: 0, stdout: "1\n" });
    expect(await kindsOf(scene)).toContain("message.end");
  });
});

describe("a component that can't be written", () => {
  test("leaves the one that was there", async () => {
    await using scene = await Scene.make();
    const folder = await scene.probe();
    await scene.write("out/probe.wasm", "old");
    const out = scene.path("out/probe.wasm");
    const ended = await astrid(["build", folder, "--out", out], { fileKib: 64 });
    expect(ended.code).toBe(70);
    expect(ended.stderr).toContain("[ASTRID_IO]");
    expect(await scene.read("out/probe.wasm")).toBe("old");
    expect(await readdir(scene.path("out"))).toEqual(["probe.wasm"]);
  });
});

/** Whether this user can have a file system of its own; said in the report as a skipped test. */
const canMount =
  spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]).status === 0;

(canMount ? test : test.skip)(
  "a full file system refuses, and is used again when it has room",
  async () => {
    await using scene = await Scene.make();
    await mkdir(scene.home);
    const input = '{"do":"echo","value":1}';
    const folders = ["--home", scene.path("home/in"), "--workspace", scene.workspace];
    const words = ["run", await scene.probe(), ...folders, "--input", input];
    const run = [process.execPath, LAUNCH, ...words].map(shellWord).join(" ");
    const disk = shellWord(scene.home);
    const script = `
    mount -t tmpfs -o size=32m none ${disk}
    ${run} 2>&1; echo "code $?"
    cat /dev/zero > ${disk}/fill 2> /dev/null
    ${run} 2>&1; echo "code $?"
    rm ${disk}/fill
    ${run} 2>&1; echo "code $?"`;
    const { stdout } = spawnSync("unshare", ["--mount", "sh", "-c", script], { encoding: "utf8" });
    const codes = [...stdout.matchAll(/^code (\d+)$/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual([0, expect.any(Number), 0]);
    expect([7, 70]).toContain(codes[1]);
    expect(stdout).toMatch(/\[ASTRID_(?:AUDIT_WRITE|IO)\]/);
  },
);
