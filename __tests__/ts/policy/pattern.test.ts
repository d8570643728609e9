import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import type { VerbKinds } from "../../../ts/policy/grant.js";
import { covers, literalNames, literalPattern } from "../../../ts/policy/pattern.js";
import { isSurelyOrdinary, protects } from "../../../ts/policy/protected.js";

const KINDS: VerbKinds = new Map([
  ["fs.read", "path"],
  ["ipc.publish", "topic"],
  ["kv.read", "key"],
  ["log.write", "nothing"],
] as const);

function pathCovers(wide: string, narrow: string): boolean {
  return covers({ verb: "fs.read", pattern: wide }, { verb: "fs.read", pattern: narrow }, KINDS);
}

describe("covering", () => {
  test.each([
    ["workspace://**", "workspace://docs/**", true],
    ["workspace://**", "workspace://", true],
    ["workspace://docs/**", "workspace://docs", true],
    ["workspace://docs", "workspace://docs/**", false],
    ["workspace://*", "workspace://{a,b}", true],
    ["workspace://{a,b}", "workspace://*", false],
    ["workspace://{a,b}", "workspace://a", true],
    ["tmp://**", "workspace://a", false],
    ["workspace://**", "workspace://.env", false],
    ["workspace://**", "workspace://{a,.git}/x", false],
    ["workspace://.env", "workspace://.env", true],
    ["workspace://**", "workspace://ｅnv", false],
  ])("%s covers %s: %s", (wide, narrow, expected) => {
    expect(pathCovers(wide, narrow)).toBe(expected);
  });

  test("of keys goes by prefix", () => {
    const keys = (wide: string, narrow: string): boolean =>
      covers({ verb: "kv.read", pattern: wide }, { verb: "kv.read", pattern: narrow }, KINDS);
    expect([keys("*", "a"), keys("a*", "ab*"), keys("a", "a*"), keys("ab*", "a*")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("never says yes where a path is in the one and not in the other", () => {
    const step = fc.constantFrom("a", "b", "c", "*", "{a,b}", "{b,c}");
    const pattern = fc
      .tuple(fc.array(step, { maxLength: 3 }), fc.boolean())
      .map(([steps, open]) => `workspace://${[...steps, ...(open ? ["**"] : [])].join("/")}`);
    const names = ["a", "b", "c", "d"];
    const two = names.flatMap((one) => names.map((other) => `${one}/${other}`));
    const paths = [
      "",
      ...names,
      ...two,
      ...two.flatMap((path) => names.map((n) => `${path}/${n}`)),
    ];
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        if (!pathCovers(wide, narrow)) return;
        const lost = paths.filter((path) => matches(narrow, path) && !matches(wide, path));
        expect(lost).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

/** The plainest reading of a pattern, as a regular expression. */
function matches(pattern: string, path: string): boolean {
  const steps = pattern
    .slice("workspace://".length)
    .split("/")
    .filter((step) => step !== "");
  const open = steps.at(-1) === "**";
  const parts = (open ? steps.slice(0, -1) : steps).map((step) =>
    step === "*" ? "[^/]+" : step.replace("{", "(?:").replace("}", ")").replaceAll(",", "|"),
  );
  const below = parts.length === 0 ? "(?:[^/]+(?:/[^/]+)*)?" : "(?:/[^/]+)*";
  return new RegExp(`^${parts.join("/")}${open ? below : ""}$`).test(path);
}

describe("what a refusal turns into", () => {
  test.each([
    ["path", "workspace://a/b.txt", "workspace://a/b.txt"],
    ["path", "workspace://a/**", "workspace://a/**"],
    ["path", "workspace://a*b/c", "workspace://*/c"],
    ["path", "workspace://", "workspace://"],
    ["key", "", "*"],
    ["key", "user/1", "user/1"],
    ["key", "a?b", "a*"],
    ["topic", "tool.x", "tool.x"],
    ["nothing", "", ""],
  ] as const)("%s %j becomes %j", (kind, resource, pattern) => {
    expect(literalPattern(kind, resource)).toBe(pattern);
  });
});

describe("names", () => {
  test("that a pattern writes out are found in sets too", () => {
    expect(literalNames("workspace://a/*/{b,.env}/**")).toEqual(["a", "b", ".env"]);
  });

  test.each([".git", ".GIT", ".env.local", "prod.env", "id_rsa.pub", "AGENTS.md"])(
    "%s is protected",
    (name) => expect(protects(name)).toBeDefined(),
  );

  test.each([".git.", ".git ", "GIT~1", ".git:x", "ｇit", "\u200b.git", "é", ""])(
    "%j is not taken for ordinary",
    (name) => expect(isSurelyOrdinary(name)).toBe(false),
  );

  test.each(["src", "a.b", ".gitignore", "README.md", "x-1_2", "node_modules"])(
    "%s is ordinary",
    (name) => expect(isSurelyOrdinary(name)).toBe(true),
  );
});
