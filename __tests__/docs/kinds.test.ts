import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";

import { VERBS } from "../../ts/cli/main.js";
import { openAddon } from "../../ts/kernel/addon.js";
import type { NativeTables } from "../../ts/native.js";
import { contractFunctions } from "../interfaces/contract.js";
import { powers } from "../ts/kernel/scene.js";

interface Command {
  readonly leaves: readonly string[];
  readonly because: string;
}

interface Script {
  readonly KINDS_PAGE: string;
  readonly kinds: (tables: NativeTables & { commands: Record<string, Command> }) => string;
}

const { packageFolder } = powers.host;
const { native } = openAddon(powers);
const tables = native.auditTables();
const read = (path: string): string => readFileSync(join(packageFolder, path), "utf8");
const commands = JSON.parse(read("tables/commands.json")) as Record<string, Command>;
const kinds = tables.kinds.map(({ name }) => name);

describe("what is recorded", () => {
  test("is what the page says: npm run docs", async () => {
    const script = new URL("../../../scripts/docs/kinds.js", import.meta.url).href;
    const page = (await import(script)) as Script;
    expect(read(page.KINDS_PAGE)).toBe(page.kinds({ ...tables, commands }));
  });

  test("of every function of the contract, and of no other", async () => {
    const contract = (await contractFunctions()).map(({ name }) => name);
    const ours = tables.functions.map(({ name }) => name).filter((name) => !name.includes(":"));
    // The drop of a resource is no function there.
    expect([...new Set(ours)].sort()).toEqual([...contract, "fs.file"].sort());
  });

  test("of every verb, and each leaves kinds that there are", () => {
    const verbs = new Set(tables.functions.map(({ verb }) => verb));
    expect(native.verbs().filter(({ verb }) => !verbs.has(verb))).toEqual([]);
    for (const { kinds: left } of tables.functions) {
      expect(left.length).toBeGreaterThan(0);
      expect(kinds).toEqual(expect.arrayContaining([...left]));
    }
  });

  test("of every command", () => {
    expect(Object.keys(commands).sort()).toEqual(VERBS.map(({ name }) => name).sort());
    for (const { leaves, because } of Object.values(commands)) {
      expect(kinds).toEqual(expect.arrayContaining([...leaves]));
      expect(because).not.toBe("");
    }
  });

  test("is told of kind by kind", () => {
    const page = read("docs/audit.md");
    const told = [...page.matchAll(/^\| (\d+) \| ([a-z]+(?:\.[a-z]+)?) \| /gm)];
    const rows = told.filter(([, , name]) => kinds.includes(name ?? ""));
    expect(rows.map(([, code, name]) => [code, name])).toEqual(
      kinds.map((name, at) => [String(at + 1), name]),
    );
  });
});
