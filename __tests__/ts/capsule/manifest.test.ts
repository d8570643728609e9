import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parse } from "smol-toml";

import { isAstridError } from "../../../ts/base/errors.js";
import { nodePowers } from "../../../ts/base/powers.js";
import { locateKeys } from "../../../ts/capsule/manifest/locate.js";
import { parseManifest } from "../../../ts/capsule/manifest.js";

const { files, host } = nodePowers();
const FOLDER = `${host.packageFolder}/__tests__/ts/capsule/fixtures/manifest`;
const NAMES = (await files.readdir(FOLDER)).filter((name) => name.endsWith(".toml")).sort();

/** The normal form, or the message and hints. */
function outcome(text: string): string {
  try {
    return `${JSON.stringify(parseManifest(text), null, 2)}\n`;
  } catch (error) {
    if (!isAstridError(error) || error.code !== "ASTRID_MANIFEST") throw error;
    const hints = (error.details.hints ?? []).map((hint) => `hint: ${hint}`);
    return `${[error.message, ...hints].join("\n")}\n`;
  }
}

describe("a manifest", () => {
  it.each(NAMES)("has the outcome that stands beside %s", async (name) => {
    const text = await files.readFile(`${FOLDER}/${name}`, "utf8");
    const ending = name.startsWith("valid") ? "json" : "err";
    const golden = await files.readFile(`${FOLDER}/${name.replace(/toml$/, ending)}`, "utf8");
    expect(outcome(text)).toBe(golden);
  });

  it("may not be larger than its limit", () => {
    expect(outcome(`# ${"x".repeat(65536)}`)).toBe("Capsule.toml has more than 65536 bytes\n");
  });

  it("may not nest deeply", () => {
    const outcomeOfNesting = outcome(`config = ${"[".repeat(40)}${"]".repeat(40)}`);
    expect(outcomeOfNesting).toMatch(/^Capsule\.toml:1:\d+: /);
  });

  it("is refused with a code and a place, whatever the text is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(outcome(text)).toMatch(/^Capsule\.toml:\d+:\d+: /);
      }),
    );
  });
});

describe("the place of a key", () => {
  const text = `top = 1 # [not.a.table]
a.b = { c = "x = }", 'd e' = [1, { "f.g" = 2 }] }
[ t . "quo\\u0074ed" ]
multi = """
fake = 1
[fake]"""
list = [ # a comment ]
  1,
  'two',
]
'lit''s' = 0
`.replace("'lit''s'", "'lits'");
  const found = locateKeys(text);

  it.each([
    [["top"], 1, 1],
    [["a"], 2, 1],
    [["a", "b"], 2, 3],
    [["a", "b", "c"], 2, 9],
    [["a", "b", "d e"], 2, 22],
    [["a", "b", "d e", 1], 2, 34],
    [["a", "b", "d e", 1, "f.g"], 2, 36],
    [["t"], 3, 3],
    [["t", "quoted"], 3, 7],
    [["t", "quoted", "multi"], 4, 1],
    [["t", "quoted", "list", 1], 9, 3],
    [["t", "quoted", "lits"], 11, 1],
  ])("%j is at %d:%d", (path, line, column) => {
    expect(found.find(path)).toEqual({ line, column });
  });

  it("falls back to the nearest parent", () => {
    expect(found.find(["t", "quoted", "absent"])).toEqual({ line: 3, column: 7 });
    expect(found.find(["absent"])).toEqual({ line: 1, column: 1 });
  });

  it("is found for every key of any document", () => {
    const word = fc.stringMatching(/^[a-z]{1,4}$/);
    const key = fc.array(word, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), key), { maxLength: 8 }), (rows) => {
        const lines = rows.map(([isTable, parts]) =>
          isTable ? `[${parts.join(".")}]` : `${parts.join(" . ")} = "="`,
        );
        const document = lines.join("\n");
        let parsed: unknown;
        try {
          parsed = parse(document);
        } catch {
          return;
        }
        for (const path of pathsOf(parsed)) {
          const { line, column } = locateKeys(document).find(path);
          const rest = (document.split("\n")[line - 1] ?? "").slice(column - 1);
          expect(rest.startsWith(path.at(-1) ?? "?")).toBe(true);
        }
      }),
    );
  });
});

function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsOf(inner, [...path, key]);
  }
}
