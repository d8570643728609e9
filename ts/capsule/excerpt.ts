import { escapeText } from "../base/escape.js";

/** A place in a text, both from 1; the column counts UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something wrong at a place of a file. */
export interface Problem {
  /** The file's name for people. */
  readonly file: string;
  readonly at: Position;
  readonly what: string;
}

const SHOWN_LENGTH_MAX = 160;

/** `file:line:column: what`, then the line itself with a mark below it; all of it escaped. */
export function excerpt(problem: Problem, source: string): string {
  const { file, at, what } = problem;
  const line = (source.split("\n")[at.line - 1] ?? "").replace(/\r$/, "").replaceAll("\t", " ");
  const before = escapeText(line.slice(0, at.column - 1));
  const gutter = String(at.line);
  const blank = " ".repeat(gutter.length);
  const head = `${escapeText(file)}:${at.line}:${at.column}: ${escapeText(what)}`;
  const shown = `  ${gutter} | ${escapeText(line, { lengthMax: SHOWN_LENGTH_MAX })}`;
  if (before.length >= SHOWN_LENGTH_MAX) return `${head}\n${shown}`;
  return `${head}\n${shown}\n  ${blank} | ${" ".repeat(before.length)}^`;
}

/** Line and column of an offset in UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
