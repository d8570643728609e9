import { isRust, isScript, isTest, type SourceFile } from "./tree.js";

const COLUMNS = 100;
const LINES = { script: 250, rust: 400, test: 500 };

/** Files over the bound for their kind. */
export function longFiles(file: SourceFile): string[] {
  if (!isScript(file) && !isRust(file)) return [];
  const bound = isTest(file) ? LINES.test : isRust(file) ? LINES.rust : LINES.script;
  const lines = file.text.trimEnd().split("\n").length;
  return lines > bound ? [`${file.path}: ${lines} lines, at most ${bound}: split it`] : [];
}

/** Lines over the bound; an address can't be broken. */
export function longLines(file: SourceFile): string[] {
  if (!isScript(file) && !isRust(file)) return [];
  return file.text.split("\n").flatMap((line, index) => {
    const columns = [...line].length;
    if (columns <= COLUMNS || /https?:\/\//.test(line)) return [];
    return [`${file.path}:${index + 1}: ${columns} columns, at most ${COLUMNS}`];
  });
}
