import { appendFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { AuditRecord, Capsule } from "../../ts/index.js";
import { openAddon } from "../../ts/kernel/addon.js";
import { Kernel } from "../../ts/kernel/kernel.js";
import { sourceOf } from "../hostile/arena.js";
import { codeOf } from "../ts/audit/code.js";
import { Home } from "../ts/audit/home.js";
import { powers, Scene } from "../ts/kernel/scene.js";
import { contractFunctions } from "./contract.js";
import { Stage } from "./stage.js";

const { kinds, functions } = openAddon(powers).native.auditTables();
const FUNCTIONS = await contractFunctions();

async function recordsOf(kernel: Kernel, from = 1n): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of kernel.records({ from })) records.push(record);
  return records;
}

describe("a call of", () => {
  let stage: Stage;
  let capsule: Capsule;
  beforeAll(async () => {
    stage = await Stage.open();
    capsule = await stage.load("contract");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test.each(FUNCTIONS)("$name leaves what the table says", async ({ name }) => {
    const { record } = await capsule.call(name);
    const records = await recordsOf(stage.kernel);
    const end = records.find(({ sequence }) => sequence === record);
    const left = records.filter(({ message }) => message === end?.message);
    const rows = functions.filter((row) => row.name === name);
    for (const { verb, kinds: leaves } of rows) {
      // An opened file is opened either way: a row for each, and the call takes one.
      if (name === "fs.open" && !left.some((one) => one.verb === verb)) continue;
      for (const kind of leaves)
        expect(left).toContainEqual(expect.objectContaining({ kind, verb }));
    }
    expect(rows).not.toEqual([]);
  });
});

/** Recorded by the other tests that are named here, or by parts that only they have. */
const ELSEWHERE = {
  "log.lost": "native/src/audit/tests/failing.rs: a disk that fails until memory is short",
  "log.pruned": "what removes bodies",
  "log.origin": "what begins a log anew",
  "log.charge": "native/src/services/tests/charging.rs: a disk that is nearly full",
} as const;

beforeAll(async () => {
  // Building takes longer than all that follows.
  await using scene = await Scene.make();
  await scene.probe();
});

test("every kind is left by the product", async () => {
  await using home = await Home.make();
  const { scene } = home;
  const at = { home: home.folder, instances: 1 };
  await scene.write("workspace/a.txt", "text");
  const seen: AuditRecord[] = [];
  {
    await using kernel = await Kernel.open(at, powers);
    const exit = await kernel.load(await sourceOf("exit"));
    await exit.call(1);
    const probe = await scene.probe("probe", ['"fs.write" = ["workspace://*"]']);
    const options = { workspace: scene.workspace, config: { tone: "dry" } };
    expect(await codeOf(() => kernel.load(probe, options))).toBe("ASTRID_GRANT_MISSING");
    const capsule = await kernel.load(probe, { ...options, approve: () => true });
    await capsule.call({ do: "write", path: "workspace://f", text: "12345" });
    await capsule.call({ do: "tryReads", paths: ["data://no"] });
    const over = new AbortController();
    const slow = capsule.call({ do: "spin" }, { signal: over.signal });
    expect(await codeOf(() => capsule.call({ do: "nothing" }))).toBe("ASTRID_BUSY");
    over.abort();
    await slow;
    capsule.close();
    seen.push(...(await recordsOf(kernel)));
  }
  // A kernel that was killed while it wrote; then one an hour later, whose keys are new.
  await appendFile(home.path("segment-00000001.log"), "torn");
  await home.startLater();
  await using last = await Kernel.open(at, home.powers);
  seen.splice(0, seen.length, ...(await recordsOf(last)));

  const left = new Set(seen.map(({ kind }) => kind));
  const missing = kinds.filter(({ name }) => !left.has(name)).map(({ name }) => name);
  expect(missing).toEqual(Object.keys(ELSEWHERE));

  const all = (kind: string): AuditRecord[] => seen.filter((one) => one.kind === kind);
  const [start] = all("kernel.start");
  expect(start?.resource).toMatch(
    /^astrid-native \S+, wasmtime \S+, node v\S+, addon [0-9a-f]{64}, compiler [0-9a-f]{64}$/,
  );
  const [grant] = all("grant.change");
  expect(grant).toMatchObject({ verb: "fs.write", resource: "workspace://*", verdict: "allow" });
  expect(grant?.capsule).toMatch(/^probe@/);
  expect(all("config.change")).toEqual([expect.objectContaining({ resource: "tone" })]);
  const [, refused, loaded] = all("capsule.load");
  expect(refused).toMatchObject({ outcome: "refused", code: "ASTRID_GRANT_MISSING" });
  expect(loaded).toMatchObject({ outcome: "done", component: refused?.component });
  const busy = all("message.deliver").find(({ outcome }) => outcome === "refused");
  expect(busy).toMatchObject({ code: "ASTRID_BUSY", resource: "run" });
  const close = all("call").find(({ usage }) => usage?.bytesOut === 5n);
  const opened = seen.find(({ sequence }) => sequence === close?.cause);
  expect(close).toMatchObject({ verb: "fs.write", resource: "workspace://f", outcome: "ok" });
  expect(opened).toMatchObject({
    kind: "call.decision",
    verb: "fs.write",
    resource: "workspace://f",
  });
});
