import { encode } from "./bytes.js";
import { escaped, globSource } from "./glob.js";

/** Lines of one `.gitignore` that are looked at; more is not a list that people wrote. */
const RULES_MAX = 10_000;

const NO_BRACES = { braces: false };

interface Rule {
  readonly pattern: RegExp;
  readonly negated: boolean;
  readonly directoryOnly: boolean;
}

/** What one folder's `.gitignore` says. */
export interface IgnoreFile {
  /** The folder as `a/b/`, empty for the workspace. */
  readonly folder: string;
  readonly rules: readonly Rule[];
}

/**
 * The rules of a `.gitignore`, given in one character a byte: git compares bytes, so that `?` is
 * one byte of a character.
 */
export function parseIgnore(folder: string, text: string): IgnoreFile {
  const rules = text
    .replace(/^\xef\xbb\xbf/, "")
    .split("\n")
    .slice(0, RULES_MAX)
    .flatMap(parseRule);
  return { folder, rules };
}

function parseRule(raw: string): readonly Rule[] {
  // Spaces at the end don't count, unless the last is escaped.
  let line = raw.replace(/\r$/, "").replace(/((?:^|[^\\])(?:\\\\)*(?:\\ )?) *$/, "$1");
  if (line === "" || line.startsWith("#")) return [];
  const negated = line.startsWith("!");
  if (negated) line = line.slice(1);
  const directoryOnly = line.endsWith("/");
  if (directoryOnly) line = line.slice(0, -1);
  const anchored = line.includes("/");
  if (line.startsWith("/")) line = line.slice(1);
  // A pattern that ends in a lone backslash is invalid, and matches nothing.
  if (line === "" || /^(?:[^\\]|\\[^])*\\$/.test(line)) return [];
  const source = anchored ? anchoredSource(line) : `(?:[^]*/)?${globSource(line, NO_BRACES)}`;
  return [{ pattern: new RegExp(`^${source}$`, "u"), negated, directoryOnly }];
}

/** Git compares what comes before the first wildcard as it is, and takes the rest as a pattern. */
function anchoredSource(line: string): string {
  const start = line.search(/[*?[\\]|$/);
  return escaped(line.slice(0, start)) + globSource(line.slice(start), NO_BRACES);
}

/**
 * Whether these files, outermost first, leave out a path of which no folder above is left out: the
 * last rule that matches decides, and those of inner folders come last.
 */
export function isIgnored(
  files: readonly IgnoreFile[],
  path: string,
  isDirectory: boolean,
): boolean {
  for (const file of files.toReversed()) {
    const below = encode(path.slice(file.folder.length));
    const rule = file.rules.findLast(
      (candidate) => (isDirectory || !candidate.directoryOnly) && candidate.pattern.test(below),
    );
    if (rule !== undefined) return !rule.negated;
  }
  return false;
}
