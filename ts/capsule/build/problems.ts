import { parseSync } from "rolldown/utils";

import { excerpt, type Position, positionAt } from "../excerpt.js";
import { BuildFailure } from "./job.js";
import type { Sources } from "./sources.js";

/** An import that may not be, found while the bundler resolves. */
export interface ImportProblem {
  readonly importer: string;
  readonly specifier: string;
  readonly what: string;
  readonly hint?: string;
}

/** The first of the problems, by file and line, as a failure that shows the author's line. */
export function importFailure(problems: readonly ImportProblem[], sources: Sources): BuildFailure {
  const placed = problems.map((problem) => {
    const text = sources.text(problem.importer);
    return {
      ...problem,
      text,
      at: importPosition(problem, text),
      file: sources.name(problem.importer),
    };
  });
  placed.sort((a, b) => (a.file === b.file ? a.at.line - b.at.line : a.file < b.file ? -1 : 1));
  const [first] = placed;
  if (first === undefined) return new BuildFailure("an import can't be resolved");
  const hints = first.hint === undefined ? [] : [first.hint];
  return new BuildFailure(excerpt(first, first.text), hints);
}

/** Where a module names another; its first line where that can't be told. */
function importPosition(problem: ImportProblem, text: string): Position {
  const { importer, specifier } = problem;
  const { module } = parseSync(importer, text);
  const requests = [
    ...module.staticImports.map((one) => one.moduleRequest),
    ...module.staticExports.flatMap((one) => one.entries.map((entry) => entry.moduleRequest)),
    ...module.dynamicImports.map((one) => one.moduleRequest),
  ].filter((request) => request !== null);
  const found = requests.find(({ start, end, ...request }) => {
    const value = "value" in request ? request.value : text.slice(start + 1, end - 1);
    return value === specifier;
  });
  const offset = found?.start ?? firstQuoted(text, specifier);
  return offset === undefined ? { line: 1, column: 1 } : positionAt(text, offset);
}

/** Calls of `require` are not in the parser's list. */
function firstQuoted(text: string, specifier: string): number | undefined {
  const offsets = ['"', "'", "`"].map((quote) => text.indexOf(`${quote}${specifier}${quote}`));
  return offsets.filter((offset) => offset >= 0).sort((a, b) => a - b)[0];
}

/** The bundler's own errors, as a failure that shows the author's line. */
export function bundlerFailure(error: unknown, sources: Sources): BuildFailure {
  const [first] = errorsOf(error);
  if (first === undefined) return new BuildFailure(firstLine(String(error)));
  const what = firstLine(first.message ?? "").replace(/^\[[A-Z_]+\] /, "");
  if (first.loc?.file === undefined) return new BuildFailure(what);
  const at = { line: first.loc.line, column: first.loc.column + 1 };
  const file = sources.name(first.loc.file);
  return new BuildFailure(excerpt({ file, at, what }, sources.text(first.loc.file)));
}

interface BundlerError {
  readonly message?: string;
  readonly loc?: { readonly file?: string; readonly line: number; readonly column: number };
}

function errorsOf(error: unknown): readonly BundlerError[] {
  if (typeof error !== "object" || error === null || !("errors" in error)) return [];
  return Array.isArray(error.errors) ? error.errors : [];
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
