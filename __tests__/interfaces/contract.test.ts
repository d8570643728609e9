import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { VERBS } from "../../ts/capsule/grants.js";
import type { AuditRecord, Capsule } from "../../ts/index.js";
import { powers } from "../ts/kernel/scene.js";
import { contractFunctions } from "./contract.js";
import { fixtureFolder, Stage } from "./stage.js";

const FUNCTIONS = await contractFunctions();
const VERBS_OF = new Map<string, string[]>();
for (const [verb, { opens }] of Object.entries(VERBS)) {
  VERBS_OF.set(opens, [...(VERBS_OF.get(opens) ?? []), verb]);
}

let stage: Stage;
let capsule: Capsule;

beforeAll(async () => {
  stage = await Stage.open();
  capsule = await stage.load("contract");
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("every function of the contract", () => {
  test("is found in wit/", () => {
    const interfaces = new Set(FUNCTIONS.map((one) => one.interface));
    expect([...interfaces].sort()).toEqual([...VERBS_OF.keys()].sort());
    expect(FUNCTIONS.length).toBeGreaterThan(25);
  });

  test.each(FUNCTIONS)(
    "$name works, and is recorded under a verb of its interface",
    async (one) => {
      const fresh = await stage.load("contract");
      const from = (await capsule.call("clock.now")).record + 1n;
      const result = await fresh.call(one.name);
      fresh.close();
      expect(result).toMatchObject({ outcome: "done" });
      const calls = await callRecords(from);
      expect(calls.length).toBeGreaterThan(0);
      for (const { verb } of calls) expect(VERBS_OF.get(one.interface)).toContain(verb);
      const decisions = calls.filter(({ kind }) => kind === "call.decision");
      const results = calls.filter(({ kind }) => kind === "call.outcome");
      expect(results.map(({ cause }) => cause)).toEqual(decisions.map(({ sequence }) => sequence));
      for (const { outcome } of [...results, ...calls.filter(({ kind }) => kind === "call")]) {
        expect(outcome).toBe("ok");
      }
    },
  );

  test.each(FUNCTIONS)("$name has a doc, and its interface tells errors", async (one) => {
    expect(one.doc.length).toBeGreaterThan(10);
    const text = await powers.files.readFile(
      join(powers.host.packageFolder, "wit", `${one.interface}.wit`),
      "utf8",
    );
    expect(text).toMatch(/Errors/);
  });
});

/** What one message's host calls left in the log. */
async function callRecords(from: bigint): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of stage.kernel.records({ from })) {
    if (record.kind.startsWith("call")) records.push(record);
  }
  return records;
}

describe("a component imports", () => {
  const contract = (name: string): string => `astrid:capsule/${name}@0.1.0`;

  test.each([
    ["contract", ["clock", "config", "fs", "ipc", "kv", "log", "random"]],
    ["calls", ["clock", "config", "fs", "ipc", "kv", "log", "random"]],
    ["web", ["clock", "log", "random"]],
    ["handlers", ["clock"]],
    ["bare", []],
  ])("%s: exactly what its manifest asks for, and WASI for its language", async (name, asked) => {
    const { imports, exports } = await stage.prepared(name);
    const own = imports.filter((one) => one.startsWith("astrid:"));
    // An interface of types alone gives nothing.
    const types = contract("types");
    expect(own.filter((one) => one !== types).sort()).toEqual(asked.map(contract));
    const others = imports.filter((one) => !one.startsWith("astrid:"));
    for (const one of others) expect(one).toMatch(/^wasi:(?:cli|clocks|filesystem|io|random)\//);
    expect(exports).toContain("handle");
  });

  test("search: reading and logging", async () => {
    const { imports } = await stage.kernel.prepare("search");
    const own = imports.filter((one) => one.startsWith("astrid:") && !one.includes("/types@"));
    expect(own.sort()).toEqual(["fs", "log"].map(contract));
  });
});

test("every fixture is used by a test here", async () => {
  const { files } = powers;
  const here = join(powers.host.packageFolder, "__tests__", "interfaces");
  const names = (await files.readdir(here)).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(names.map((name) => files.readFile(join(here, name), "utf8")));
  const used = (fixture: string): boolean => texts.some((text) => text.includes(`"${fixture}"`));
  for (const fixture of await files.readdir(fixtureFolder(""))) {
    expect([fixture, used(fixture)]).toEqual([fixture, true]);
  }
});
