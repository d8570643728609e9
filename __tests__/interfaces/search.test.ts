import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import type { Capsule, Json } from "../../ts/index.js";
import { git } from "../ts/capsule/search/workspace.js";
import { powers } from "../ts/kernel/scene.js";
import { Stage } from "./stage.js";

interface Answer {
  readonly matches: readonly { readonly path: string; readonly line: number }[];
  readonly truncated: boolean;
  readonly files: number;
}

const ROOT = powers.host.packageFolder;
/** What is not ours, or not in a checkout. */
const LEFT_OUT = new Set([".git", "node_modules", "dist", "target", "generated"]);
/** Placed beside the repository's files; the capsule may not read these. */
const PROTECTED = [".env", "ts/secret.key", "docs/id_rsa"];

let stage: Stage;
let search: Capsule;

beforeAll(async () => {
  stage = await Stage.open();
  await copy("");
  for (const name of PROTECTED) await stage.scene.write(`workspace/${name}`, "const epoch = 1;\n");
  await stage.scene.write("workspace/node_modules/x/index.js", "const epoch = 1;\n");
  await stage.scene.write("outside/linked.ts", "const epoch = 1;\n");
  symlinkSync("../../outside", stage.scene.path("workspace/ts/linked"));
  symlinkSync("../../outside/linked.ts", stage.scene.path("workspace/ts/link.ts"));
  await git(stage.scene.workspace, "init", "-q");
  search = await stage.kernel.load("search", { workspace: stage.scene.workspace });
});
afterAll(() => stage[Symbol.asyncDispose]());

/** The repository as it is now; others may be changing it. */
async function copy(folder: string): Promise<void> {
  const { files } = powers;
  for (const entry of await files.readdir(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (LEFT_OUT.has(entry.name)) continue;
    if (entry.isDirectory()) await copy(path);
    else if (entry.isFile()) {
      await stage.scene.write(`workspace/${path}`, await files.readFile(join(ROOT, path)));
    }
  }
}

async function answer(input: Json): Promise<Answer> {
  const result = await search.call(input);
  if (result.outcome !== "done") throw new Error(JSON.stringify(result.error));
  return result.output as unknown as Answer;
}

const places = ({ matches }: Answer): string[] =>
  matches.map(({ path, line }) => `${path.slice("workspace://".length)}:${line}`).sort();

/** File and line of each match of git's own search in what it would track. */
async function expected(...args: string[]): Promise<string[]> {
  const left = PROTECTED.map((name) => `:(exclude)${name}`);
  const command = ["grep", "--untracked", "-nIz", ...args, "--", ".", ...left];
  const text = await git(stage.scene.workspace, ...command);
  return text
    .split("\n")
    .flatMap((line) => /^([^\0]+)\0(\d+)\0/.exec(line)?.slice(1, 3).join(":") ?? [])
    .sort();
}

describe("search over this repository finds what git finds", () => {
  test.each([
    "epoch",
    "ASTRID_DENIED",
    "fn main",
    "})",
    "a[0]",
    "☕",
    "\\u",
    "  return",
    "absent!!",
  ])("of the text %j", async (pattern) => {
    const found = await answer({ pattern, limit: 10_000 });
    expect(found.truncated).toBe(false);
    expect(places(found)).toEqual(await expected("-F", "-e", pattern));
  });

  test.each([
    "\\bfn \\w+\\(",
    "^import .* from",
    "[A-Z]{3,}_[A-Z]+",
    "(?:deadline|fuel)[-_]\\w+",
    "\\d{4,}$",
    "^\\s*//!",
    "é|ü|☕",
  ])("of the expression %j", async (pattern) => {
    const found = await answer({ pattern, regex: true, limit: 10_000 });
    if (found.truncated) throw new Error("choose a rarer expression");
    expect(places(found)).toEqual(await expected("-P", "-e", pattern));
  });

  test("regardless of case", async () => {
    const found = await answer({ pattern: "Wasmtime", ignoreCase: true, limit: 10_000 });
    expect(places(found)).toEqual(await expected("-F", "-i", "-e", "Wasmtime"));
  });
});

describe("search leaves out", () => {
  test("repositories, what is ignored, links, and what may not be read", async () => {
    const found = places(await answer({ pattern: "epoch", limit: 10_000 }));
    const hits = found.map((place) => place.replace(/:\d+$/, ""));
    for (const name of [...PROTECTED, "node_modules/x/index.js", "ts/link.ts"]) {
      expect(hits).not.toContain(name);
    }
    expect(hits.filter((name) => /^\.git\/|^ts\/linked/.test(name))).toEqual([]);
    const config = await answer({ pattern: "repositoryformatversion", limit: 10_000 });
    expect(places(config).filter((place) => place.startsWith(".git/"))).toEqual([]);
  });

  test("ignored files only as long as it is told to", async () => {
    const input = { pattern: "const epoch = 1;", limit: 10_000, respectGitignore: false };
    const found = places(await answer(input));
    expect(found).toContain("node_modules/x/index.js:1");
    for (const name of PROTECTED) expect(found).not.toContain(`${name}:1`);
  });

  test("names that begin with a dot, when it is told to", async () => {
    const shown = places(await answer({ pattern: "node_modules", limit: 10_000 }));
    const hidden = places(await answer({ pattern: "node_modules", limit: 10_000, hidden: false }));
    expect(shown).toContainEqual(expect.stringMatching(/^\.gitignore:/));
    expect(hidden).toEqual(shown.filter((place) => !/(?:^|\/)\./.test(place)));
  });
});
