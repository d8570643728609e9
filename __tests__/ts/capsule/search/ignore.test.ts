import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { parseQuery } from "../../../../capsules/search/src/input.js";
import { walk } from "../../../../capsules/search/src/walk.js";
import { temporaryFolder } from "../folder.js";
import { git, searchFiles } from "./workspace.js";

// Goal: leave out exactly the files that git leaves out. Method: git itself says which.

async function compare(content: Readonly<Record<string, string>>): Promise<void> {
  await using folder = await temporaryFolder(content);
  await git(folder.path, "init", "-q");
  const theirs = (await git(folder.path, "ls-files", "-z", "-o", "--exclude-standard"))
    .split("\0")
    .filter((name) => name !== "")
    .sort();
  const skipped = { ignored: 0, binary: 0, large: 0, unreadable: 0 };
  const query = parseQuery({ pattern: "x" });
  const ours = [...walk(searchFiles(folder.path), query, skipped)].map(({ path }) => path).sort();
  expect({ content, files: ours }).toEqual({ content, files: theirs });
}

const FILES = Object.fromEntries(
  [
    "a",
    "b.log",
    "a.b",
    "dir/a",
    "dir/b.log",
    "dir/sub/a",
    "dir/sub/c",
    "foo",
    "x y",
    "#h",
    "!n",
    "[b]",
  ]
    .concat([
      "build/a",
      "build/keep/a",
      "dir/build/z",
      "café",
      "tail ",
      "back\\slash",
      "{a,b}",
      ".dot/a",
    ])
    .map((name) => [name, ""]),
);

describe("a .gitignore", () => {
  it.each([
    "*.log",
    "*.log\n!dir/b.log",
    "/a",
    "a",
    "dir/",
    "dir",
    "a/",
    "build\n!build/keep",
    "build/*\n!build/keep",
    "/build/*",
    "**/sub",
    "dir/**",
    "dir/**/a",
    "**/a",
    "a**",
    "dir/*/a",
    "**",
    "*\n!*/\n!a",
    "# comment\n\\#h",
    "\\!n",
    "x y",
    "x\\ y",
    "a   ",
    "tail\\ ",
    "tail\\  ",
    "[ab]",
    "[!a]",
    "[^a]",
    "[a-c]*",
    "[z-a]",
    "[[:alpha:]]",
    "[[:punct:]]*",
    "\\[b\\]",
    "[[]b]",
    "[]b]",
    "[a",
    "caf?",
    "caf[é]",
    "back\\\\slash",
    "{a,b}",
    "foo\\",
    "/",
    "!",
    "//a",
    "dir//a",
    "a\r",
    "\ufeffa",
    "dir/sub/../a",
    "./a",
    "*/a",
    "?",
    "d*/s*",
    ".*",
    "***",
    "dir***",
    "dir/***/a",
    "**a",
    "dir/**a",
    "[a-]",
    "[!a-c]",
    "b[.]log",
    "dir[/]a",
    "dir?a",
  ])("of %j means what it means to git", async (text) => {
    await compare({ ...FILES, ".gitignore": text });
  });

  it("in a folder below counts there, after those above", async () => {
    await compare({ ...FILES, ".gitignore": "*.log\nc", "dir/.gitignore": "!b.log\n/a\nsub/c" });
    await compare({ ...FILES, ".gitignore": "dir/*", "dir/.gitignore": "!a" });
    await compare({ ...FILES, ".gitignore": "dir", "dir/.gitignore": "!a" });
    await compare({ ...FILES, ".gitignore": "a", "dir/sub/.gitignore": "!a\n*" });
  });

  it("takes what follows a literal beginning as a pattern of its own", async () => {
    for (const line of ["a**/**", "d**/a", "dir**/a", "/a**/**", "dir/s**/**", "a.**/**/b"]) {
      await compare({ ...FILES, ".gitignore": line });
    }
  });

  it("made of any pieces means what it means to git", async () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      "*",
      "**",
      "/",
      "?",
      "!",
      "[a-c]",
      ".log",
      "dir",
      "sub",
      "\\",
    );
    const line = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(""));
    const text = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(text, text, (top, inner) =>
        compare({ ...FILES, ".gitignore": top, "dir/.gitignore": inner }),
      ),
      { numRuns: 60 },
    );
  });
});
