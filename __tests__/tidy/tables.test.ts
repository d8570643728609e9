import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { ERROR_CODES, exitCode } from "../../ts/base/errors.js";
import { LIMIT_NAMES } from "../../ts/base/limits.js";
import {
  errorRowProblems,
  limitRowProblems,
  protectedRowProblems,
  type Rows,
  twiceNamed,
  unusedCodes,
  unusedLimits,
} from "./tables.js";
import { ROOT, repository } from "./tree.js";

interface Page {
  readonly path: string;
  readonly table: string;
  readonly render: (rows: unknown) => string;
}

const files = repository();
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const table = (name: string): unknown => JSON.parse(read(`tables/${name}.json`));

test("the rows of all tables are complete", () => {
  expect(errorRowProblems(table("errors") as Rows)).toEqual([]);
  expect(limitRowProblems(table("limits") as Rows)).toEqual([]);
  expect(protectedRowProblems(table("protected") as Rows[string][])).toEqual([]);
});

test("no table names a row twice", () => {
  for (const name of ["errors", "limits", "commands"]) {
    expect(twiceNamed(read(`tables/${name}.json`))).toEqual([]);
  }
  expect(twiceNamed('{\n  "a": {},\n  "b": {},\n  "a": {}\n}')).toEqual(["a"]);
});

test("every error code is raised somewhere", () => {
  expect(unusedCodes(ERROR_CODES, files)).toEqual([]);
});

test("every limit is held to somewhere", () => {
  expect(unusedLimits(LIMIT_NAMES, files)).toEqual([]);
});

test("the pages made from the tables are up to date: npm run docs", async () => {
  const script = new URL("../../../scripts/docs/pages.js", import.meta.url).href;
  const { PAGES } = (await import(script)) as { PAGES: readonly Page[] };
  expect(PAGES).toHaveLength(3);
  for (const { path, table, render } of PAGES) {
    expect(read(path)).toBe(render(JSON.parse(read(table))));
  }
});

test("the page of errors shows the exit codes that the program uses", () => {
  const page = read("docs/errors.md");
  for (const code of ERROR_CODES) {
    expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\| \\w+ \\| ${exitCode(code)} \\|`, "m"));
  }
});

test("an incomplete row is found", () => {
  const error = { category: "usage", meaning: "it is wrong", action: "correct it" };
  expect(errorRowProblems({ ASTRID_A: error })).toEqual([]);
  expect(errorRowProblems({ ASTRID_A: { ...error, category: "other" } })).toHaveLength(1);
  expect(errorRowProblems({ ASTRID_A: { ...error, action: "correct it." } })).toHaveLength(1);
  const limit = { value: 5, unit: "bytes", reason: "it is small" };
  expect(limitRowProblems({ "a-bytes": limit })).toEqual([]);
  expect(limitRowProblems({ "a-bytes": { ...limit, unit: undefined } })).toHaveLength(1);
  expect(limitRowProblems({ "a-bytes": { ...limit, min: 6, max: 7 } })).toHaveLength(1);
  const name = { match: "name", text: ".git", protects: "write", what: "version control" };
  expect(protectedRowProblems([name])).toEqual([]);
  expect(protectedRowProblems([name, name])).toHaveLength(1);
  expect(protectedRowProblems([{ ...name, text: ".Git" }])).toHaveLength(1);
});

test("an unused code and an unused limit are found", () => {
  const use = [
    { path: "native/src/a.rs", text: "Error::new(Code::NotFound, limits::PATH_BYTES)" },
    { path: "ts/a.ts", text: 'fail("ASTRID_USAGE", limit("build-ms"))' },
    { path: "__tests__/a.test.ts", text: '"ASTRID_TRAP" "fuel"' },
  ];
  const codes = ["ASTRID_NOT_FOUND", "ASTRID_USAGE", "ASTRID_TRAP"];
  expect(unusedCodes(codes, use)).toEqual(["ASTRID_TRAP"]);
  expect(unusedLimits(["path-bytes", "build-ms", "fuel"], use)).toEqual(["fuel"]);
});
