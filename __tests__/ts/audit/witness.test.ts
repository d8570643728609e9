// Who is told of checkpoints, and that telling them never stops a kernel.
import { chmod, link, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { parseAnchors } from "../../../ts/audit/anchors.js";
import { logName } from "../../../ts/audit/checkpoint.js";
import { readChain } from "../../../ts/audit/open-log.js";
import type { Witness } from "../../../ts/audit/witness/witness.js";
import { Witnesses } from "../../../ts/audit/witness/witnesses.js";
import { limit } from "../../../ts/base/limits.js";
import type { Powers } from "../../../ts/base/powers.js";
import { Kernel } from "../../../ts/kernel/kernel.js";
import type { ServiceProblem } from "../../../ts/services/service.js";
import { powers } from "../kernel/scene.js";
import { codeOf } from "./code.js";
import { Home } from "./home.js";

/** Starts and stops a kernel with witnesses; what it was told of them. */
async function startWith(home: Home, ...witnesses: Witness[]): Promise<string[]> {
  const problems: ServiceProblem[] = [];
  const onProblem = (problem: ServiceProblem): void => void problems.push(problem);
  const options = { home: home.folder, instances: 1, witnesses, onProblem };
  await using kernel = await Kernel.open(options, powers);
  await kernel.close();
  expect(problems.every(({ kind }) => kind === "witness")).toBe(true);
  return problems.map(({ cause }) => {
    expect(cause).toMatchObject({ code: "ASTRID_AUDIT_WITNESS" });
    return (cause as Error).message;
  });
}

/** A program of the test's own. */
async function program(home: Home, ...lines: string[]): Promise<string> {
  const path = await home.scene.write("program", `#!/bin/sh\n${lines.join("\n")}\n`);
  await chmod(path, 0o700);
  return path;
}

/** Witnesses without a kernel, and what was told of them. */
function alone(home: Home, with_: Powers, ...witnesses: Witness[]) {
  const problems: string[] = [];
  const onFailure = ({ message }: Error): void => void problems.push(message);
  const told = new Witnesses({ powers: with_, home: home.folder, witnesses, onFailure });
  return { told, problems };
}

async function nameOf(home: Home): Promise<string> {
  const chain = await readChain(powers, home.folder);
  return logName(chain?.roots.origin ?? "");
}

describe("a file", () => {
  test("gets each checkpoint, and anchors the log", async () => {
    await using home = await Home.make();
    const file = home.scene.path("kept");
    for (let i = 0; i < 2; i++) expect(await startWith(home, { file })).toEqual([]);
    expect(await readFile(file, "utf8")).toBe(await home.read("checkpoints"));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const anchors = parseAnchors(await readFile(file), await nameOf(home));
    expect(anchors).toHaveLength(2);
    await home.start();
    expect(await home.verify(anchors)).toMatchObject({ records: 6n, anchored: 4n });
    // What came back from a backup lacks what the witness knows.
    await home.cut(3);
    expect(await codeOf(() => home.verify(anchors))).toBe("ASTRID_AUDIT_CUT");
  });

  test("of several logs anchors each", async () => {
    await using home = await Home.make();
    await using other = await Home.make();
    const file = home.scene.path("kept");
    for (const each of [home, other, home]) await startWith(each, { file });
    const bytes = await readFile(file);
    expect(await home.verify(parseAnchors(bytes, await nameOf(home)))).toMatchObject({
      anchored: 4n,
    });
    expect(await other.verify(parseAnchors(bytes, await nameOf(other)))).toMatchObject({
      anchored: 2n,
    });
    await using third = await Home.make(1);
    const foreign = parseAnchors(bytes, await nameOf(third));
    expect(await codeOf(() => third.verify(foreign))).toBe("ASTRID_AUDIT_SIGNATURE");
  });

  test("with half a note at its end gets whole ones after the last", async () => {
    await using home = await Home.make();
    const file = home.scene.path("kept");
    await startWith(home, { file });
    const whole = await readFile(file, "utf8");
    for (const length of [3, 40, whole.length - 1]) {
      await writeFile(file, whole + whole.slice(0, length));
      expect(await startWith(home, { file })).toEqual([]);
      const text = await readFile(file, "utf8");
      expect([text.startsWith(whole), text.match(/^\d+$/gm)?.length]).toEqual([true, 2]);
      await writeFile(file, whole.slice(0, length));
      expect(await startWith(home, { file })).toEqual([]);
      expect((await readFile(file, "utf8")).match(/^\d+$/gm)).toHaveLength(1);
    }
  });

  test("that is none, or within reach, is told and left alone; the kernel goes on", async () => {
    await using home = await Home.make(1);
    const { scene } = home;
    const target = await scene.write("target", "mine\n");
    await symlink(target, scene.path("link"));
    const foreign = await scene.write("foreign", "yours\n");
    await link(target, scene.path("second"));
    await writeFile(scene.path("empty"), "");
    await link(scene.path("empty"), scene.path("empty-too"));
    await mkdir(scene.path("folder"));
    await symlink(home.folder, scene.path("way-home"));
    const cases: [string, RegExp][] = [
      ["foreign", /something else than checkpoints/],
      ["link", /not a regular file/],
      ["second", /more than one name/],
      ["empty-too", /more than one name/],
      ["folder", /not a regular file/],
      ["home/kept", /in the kernel's own home/],
      ["home/audit/checkpoints", /in the kernel's own home/],
      ["way-home/kept", /in the kernel's own home/],
      ["missing/kept", /can't be written \(ENOENT\)/],
    ];
    const told = await startWith(home, ...cases.map(([name]) => ({ file: scene.path(name) })));
    expect(told).toHaveLength(cases.length);
    for (const [name, why] of cases) {
      expect(told.filter((line) => line.includes(JSON.stringify(scene.path(name))))).toEqual([
        expect.stringMatching(why),
      ]);
    }
    expect(await readFile(target, "utf8")).toBe("mine\n");
    expect(await readFile(foreign, "utf8")).toBe("yours\n");
    expect(await readFile(scene.path("empty"), "utf8")).toBe("");
    expect(await home.verify()).toMatchObject({ records: 4n, signed: 4n });
  });

  test("that fails is told once until it can be written again", async () => {
    await using home = await Home.make(1);
    const [note = ""] = await home.notes();
    const file = home.scene.path("gone/kept");
    const { told, problems } = alone(home, powers, { file });
    const tell = async (): Promise<number> => {
      told.tell(note);
      await told.settled();
      return problems.length;
    };
    expect([await tell(), await tell()]).toEqual([1, 1]);
    await mkdir(home.scene.path("gone"));
    expect(await tell()).toBe(1);
    await rm(home.scene.path("gone"), { recursive: true });
    expect([await tell(), await tell()]).toEqual([2, 2]);
  });
});

describe("a program", () => {
  test("gets each checkpoint on its input, and little of our environment", async () => {
    await using home = await Home.make();
    const [input, environment] = [home.scene.path("input"), home.scene.path("environment")];
    const path = await program(home, `cat >> ${input}`, `env > ${environment}`, 'echo "$1" >&2');
    const args = ["; exit 3 #"];
    for (let i = 0; i < 2; i++) {
      expect(await startWith(home, { command: [path, ...args] })).toEqual([]);
    }
    expect(await readFile(input, "utf8")).toBe((await home.notes()).join(""));
    const names = (await readFile(environment, "utf8")).match(/^\w+(?==)/gm) ?? [];
    expect(names.filter((name) => !["PWD", "SHLVL", "_"].includes(name)).sort()).toEqual([
      "HOME",
      "PATH",
    ]);
  });

  test("that fails is told with what it said, and stops nothing", async () => {
    await using home = await Home.make();
    const path = await program(home, 'printf "%2000d" 7 >&2', "exit 3");
    const gone = home.scene.path("gone");
    const told = await startWith(home, { command: [path] }, { command: [gone] });
    expect(told.sort()).toEqual([
      `witness ${JSON.stringify(gone)} can't be started (ENOENT)`,
      expect.stringMatching(/^witness ".*program" ended with 3/),
    ]);
    for (const line of told) {
      expect(line.length).toBeLessThan(limit("audit-witness-output-bytes") + 200);
    }
    expect(await home.verify()).toMatchObject({ records: 2n, signed: 2n });
  });

  test("that doesn't end is killed, and hears only of the newest after it", async () => {
    await using home = await Home.make(1);
    const [note = ""] = await home.notes();
    const [input, ready] = [home.scene.path("input"), home.scene.path("ready")];
    const path = await program(
      home,
      `cat >> ${input}`,
      `mkfifo ${ready}.$$`,
      `exec cat ${ready}.$$`,
    );
    let pass: () => void = () => undefined;
    const sleepMs = (durationMs: number): Promise<void> => {
      expect(durationMs).toBe(limit("audit-witness-ms"));
      return new Promise((resolve) => {
        pass = resolve;
      });
    };
    const late = { ...powers, clock: { ...powers.clock, sleepMs } };
    const { told, problems } = alone(home, late, { command: [path] });
    for (const number of [1, 2, 3]) told.tell(`${number} ${note}`);
    const first = pass;
    while (problems.length === 0) {
      first();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(problems).toEqual([expect.stringMatching(/took longer than 5000 ms$/)]);
    const heard = async (): Promise<string> => readFile(input, "utf8").catch(() => "");
    while (!(await heard()).includes("3 astrid")) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    pass();
    await told.settled();
    expect(await heard()).not.toContain("2 astrid");
    expect(problems).toHaveLength(1);
  });
});

test("there are not more witnesses than their limit", async () => {
  await using home = await Home.make();
  const witnesses = Array.from({ length: limit("audit-witnesses") + 1 }, () => ({ file: "kept" }));
  const options = { home: home.folder, instances: 1, witnesses };
  expect(await codeOf(() => Kernel.open(options, powers))).toBe("ASTRID_USAGE");
});
