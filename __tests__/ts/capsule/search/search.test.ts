import { describe, expect, it } from "@jest/globals";

import { parseQuery } from "../../../../capsules/search/src/input.js";
import { type Answer, search } from "../../../../capsules/search/src/search.js";
import { temporaryFolder } from "../folder.js";
import { git, searchFiles } from "./workspace.js";

const FILES = {
  "a.txt": "foo bar\nFoo\n\nthe end: foo(1) foo\nno newline foo",
  "src/b.ts":
    'const x = "foo";\nif (a[0] >= 10 && b) { return a.b; }\n\tfoo_bar  \n// TODO: fix-me\n',
  "src/crlf.ts": "foo\r\nbar foo\r\n\r\n",
  "src/deep/c.md": "# Überschrift\nnaïve café ☕ 😀 foo\n日本語 foo\n{ {2} } ] \\ | ^$\n",
  "empty.txt": "",
  "blank.txt": "\n\n",
  ".hidden/d.txt": "foo hidden\n",
  "ignored.log": "foo ignored\n",
  ".gitignore": "*.log\n",
  "binary.bin": Uint8Array.of(0x66, 0x6f, 0x6f, 0, 0x0a),
} as const;

async function run(
  input: unknown,
  content: Readonly<Record<string, string | Uint8Array>> = FILES,
): Promise<Answer> {
  await using folder = await temporaryFolder(content);
  return search(searchFiles(folder.path), parseQuery(input));
}

const places = (answer: Answer): string[] =>
  answer.matches.map(({ path, line }) => `${path.slice("workspace://".length)}:${line}`).sort();

/** File and line of every match that git finds in what it would track. */
async function gitGrep(...args: string[]): Promise<string[]> {
  await using folder = await temporaryFolder(FILES);
  await git(folder.path, "init", "-q");
  const text = await git(folder.path, "grep", "--untracked", "-nIz", ...args);
  return text
    .split("\n")
    .flatMap((line) => /^([^\0]+)\0(\d+)\0/.exec(line)?.slice(1, 3).join(":") ?? [])
    .sort();
}

describe("a literal", () => {
  it.each([
    "foo",
    "Foo",
    "foo(1)",
    "a[0]",
    "a.b",
    "☕",
    "café",
    "日本",
    "😀",
    "\\",
    "^$",
    "  ",
    "absent",
    "\t",
    "{2}",
  ])("%j is found in the lines where git grep finds it", async (pattern) => {
    expect(places(await run({ pattern }))).toEqual(await gitGrep("-F", "-e", pattern));
  });

  it("may ignore case", async () => {
    const answer = await run({ pattern: "ÜBER", ignoreCase: true });
    expect(places(answer)).toEqual(["src/deep/c.md:1"]);
    expect(places(await run({ pattern: "FOO(", ignoreCase: true }))).toEqual(["a.txt:4"]);
  });
});

describe("a regular expression", () => {
  it.each([
    "fo+",
    "^foo",
    "foo$",
    "^$",
    "^\\s*$",
    "\\bfoo\\b",
    "foo\\(\\d\\)",
    "[A-Z]\\w+",
    "[^a-z]foo",
    "(foo|bar) ",
    "foo.*foo",
    "a\\[\\d+\\]",
    "\\{ \\{",
    "{ {",
    "\\] \\\\",
    '\\"foo\\"',
    "fix\\-me",
    "[[:upper:]]oo",
    "[]]",
    "[^]a-z]oo",
    "\\Afoo",
    "(?i)FOO",
    "(?<word>foo)_",
    "(?P<word>foo)_",
    "foo(?=\\()",
    "(?<!_)bar",
    "na.ve",
    "\\p{Lu}ber",
    "\\x{fc}?berschrift|\\x41",
    "TODO:?",
    "o{2}",
    "a|",
    "\\h{2}",
    "[\\w.]+\\.b",
    "https?://",
    "\\/\\/",
  ])("%j matches the lines that git grep -P matches", async (pattern) => {
    expect(places(await run({ pattern, regex: true }))).toEqual(await gitGrep("-P", "-e", pattern));
  });

  it("\\z is the end of a line", async () => {
    const end = await run({ pattern: "foo\\z", regex: true });
    expect(places(end)).toEqual(places(await run({ pattern: "foo$", regex: true })));
  });

  it.each(["(", "[a", "a**", "(?>a)", "a++", "\\Qx\\E", "a\\Kb", "(?R)", "[[:nope:]]"])(
    "%j is refused with a reason",
    async (pattern) => {
      await expect(run({ pattern, regex: true })).rejects.toMatchObject({
        code: "E_INPUT",
        message: expect.stringMatching(/pattern/),
      });
    },
  );
});

describe("an answer", () => {
  it("gives path, line, column in UTF-16 units, and the line", async () => {
    const answer = await run({ pattern: "foo", path: "workspace://src" });
    expect(answer.matches.map(({ column }) => column)).toEqual([12, 2, 1, 5, 17, 5]);
    expect(answer.matches[3]).toEqual({
      path: "workspace://src/crlf.ts",
      line: 2,
      column: 5,
      text: "bar foo",
    });
  });

  it("has lines around a match when asked", async () => {
    const { matches } = await run({ pattern: "end", context: 2 });
    expect(matches).toEqual([
      {
        path: "workspace://a.txt",
        line: 4,
        column: 5,
        text: "the end: foo(1) foo",
        before: ["Foo", ""],
        after: ["no newline foo"],
      },
    ]);
  });

  it("stops at the limit and says so", async () => {
    const all = await run({ pattern: "foo" });
    expect(all.truncated).toBe(false);
    const exact = await run({ pattern: "foo", limit: all.matches.length });
    expect(exact.truncated).toBe(false);
    const fewer = await run({ pattern: "foo", limit: all.matches.length - 1 });
    expect(fewer).toMatchObject({ truncated: true, matches: all.matches.slice(0, -1) });
  });

  it("stays below the size of a payload", async () => {
    const line = `${"é".repeat(600)}\n`;
    const answer = await run({ pattern: "é", limit: 10000, context: 20 }, { a: line.repeat(3000) });
    expect(answer.truncated).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(1024 * 1024);
  });

  it("cuts long lines around the match", async () => {
    const { matches } = await run(
      { pattern: "XY" },
      { a: `${"a".repeat(5000)}XY${"b".repeat(5000)}` },
    );
    expect(matches[0]).toMatchObject({ column: 5001, text: expect.stringContaining("aXYb") });
    expect(matches[0]?.text).toHaveLength(500);
  });

  it("counts what was left out", async () => {
    const large = new Uint8Array(8 * 1024 * 1024 + 1).fill(0x61);
    const answer = await run({ pattern: "foo" }, { ...FILES, large });
    expect(answer.skipped).toEqual({ ignored: 1, binary: 1, large: 1, unreadable: 0 });
    expect(answer.files).toBe(8);
  });

  it("reads files of several chunks whole", async () => {
    const text = `${"x".repeat(99)}\n`.repeat(30_000);
    const { matches } = await run({ pattern: "needle" }, { a: `${text}needle` });
    expect(matches.map(({ line }) => line)).toEqual([30_001]);
  });

  it("puts U+FFFD where a file is not UTF-8", async () => {
    const content = { a: Uint8Array.of(0x66, 0xff, 0x6f, 0xc3, 0x0a, 0xc3, 0xa9) };
    const { matches } = await run({ pattern: ".", regex: true }, content);
    expect(matches.map(({ text }) => text)).toEqual(["f\ufffdo\ufffd", "é"]);
  });
});

describe("the files searched", () => {
  const files = async (input: object): Promise<string[]> => [
    ...new Set((await run({ pattern: "foo", ...input })).matches.map(({ path }) => path.slice(12))),
  ];

  it("can be chosen by globs", async () => {
    expect(await files({ glob: "*.ts" })).toEqual(["src/b.ts", "src/crlf.ts"]);
    expect(await files({ glob: ["src/*.ts", "a.*"] })).toEqual([
      "a.txt",
      "src/b.ts",
      "src/crlf.ts",
    ]);
    expect(await files({ glob: "src/**/*.{md,rs}" })).toEqual(["src/deep/c.md"]);
    expect(await files({ glob: "nothing/**" })).toEqual([]);
  });

  it("can leave out hidden ones and take in ignored ones", async () => {
    expect(await files({ hidden: false })).not.toContain(".hidden/d.txt");
    expect(await files({})).toContain(".hidden/d.txt");
    expect(await files({ respectGitignore: false })).toContain("ignored.log");
  });

  it("can be one folder or file, for which the rules above count", async () => {
    expect(await files({ path: "workspace://src/deep" })).toEqual(["src/deep/c.md"]);
    expect(await files({ path: "workspace://src/b.ts" })).toEqual(["src/b.ts"]);
    const content = { ".gitignore": "/a/b/*.log\n", "a/b/x.log": "foo", "a/b/x.txt": "foo" };
    const answer = await run({ pattern: "foo", path: "workspace://a/b" }, content);
    expect(places(answer)).toEqual(["a/b/x.txt:1"]);
  });
});

describe("an input", () => {
  it.each([
    [null, "the input must be an object"],
    [{}, "pattern must be a string"],
    [{ pattern: "" }, "pattern must be a string that is not empty"],
    [{ pattern: "a\nb" }, "lines are searched one by one"],
    [{ pattern: "\ud800" }, "half of a character"],
    [{ pattern: "a", patern: 1 }, 'unknown key "patern"'],
    [{ pattern: "a", limit: 0 }, "limit must be a whole number from 1 to 10000"],
    [{ pattern: "a", limit: 1.5 }, "limit must be a whole number"],
    [{ pattern: "a", context: 21 }, "context must be a whole number from 0 to 20"],
    [{ pattern: "a", regex: "yes" }, "regex must be true or false"],
    [{ pattern: "a", glob: [1] }, "glob must be a pattern or a list"],
    [{ pattern: "a", glob: "{a" }, "has an open brace"],
    [{ pattern: "a", path: "/etc" }, "path must begin with workspace://"],
    [{ pattern: "a", path: "workspace://absent" }, "there is no workspace://absent"],
  ])("of %j is refused", async (input, message) => {
    await expect(run(input)).rejects.toMatchObject({
      code: "E_INPUT",
      message: expect.stringContaining(message),
    });
  });
});
