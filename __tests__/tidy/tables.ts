import { isTest, type SourceFile } from "./tree.js";

/** Rows of a table as they are read from its file. */
export type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const CATEGORIES = "guest usage denied limit trap load integrity internal cancelled".split(" ");

/** Rows of tables/errors.json that lack something. */
export function errorRowProblems(rows: Rows): string[] {
  return Object.entries(rows).flatMap(([code, row]) => {
    const good =
      /^ASTRID_[A-Z]+(?:_[A-Z]+)*$/.test(code) &&
      hasOnly(row, ["category", "meaning", "action"]) &&
      CATEGORIES.includes(String(row["category"])) &&
      [row["meaning"], row["action"]].every(isPhrase);
    return good ? [] : [`errors.json: ${code} is not complete`];
  });
}

/** Rows of tables/limits.json that lack something or contradict themselves. */
export function limitRowProblems(rows: Rows): string[] {
  return Object.entries(rows).flatMap(([name, row]) => {
    const { value, min = value, max = value } = row as Record<string, number>;
    const good =
      /^[a-z]+(?:-[a-z0-9]+)*$/.test(name) &&
      hasOnly(row, ["value", "unit", "reason", "min", "max"]) &&
      [value, min, max].every((bound) => Number.isSafeInteger(bound) && Number(bound) > 0) &&
      Number(min) <= Number(value) &&
      Number(value) <= Number(max) &&
      "min" in row === "max" in row &&
      [row["unit"], row["reason"]].every(isPhrase);
    return good ? [] : [`limits.json: ${name} is not complete`];
  });
}

/** Rows of tables/protected.json that lack something or occur twice. */
export function protectedRowProblems(rows: readonly Rows[string][]): string[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const { match, text, protects, what } = row as Record<string, string>;
    const good =
      hasOnly(row, ["match", "text", "protects", "what"]) &&
      ["name", "prefix", "suffix"].includes(String(match)) &&
      ["write", "read-write"].includes(String(protects)) &&
      isPhrase(what) &&
      /^[^/\\\s]+$/.test(String(text)) &&
      text === text?.toLowerCase() &&
      !seen.has(`${match} ${text}`);
    seen.add(`${match} ${text}`);
    return good ? [] : [`protected.json: ${match} ${text} is not complete or is there twice`];
  });
}

/** Names that a table of one row a line has twice; parsed, the last one would win unseen. */
export function twiceNamed(text: string): string[] {
  const names = [...text.matchAll(/^ {2}"([^"]+)":/gm)].map(([, name]) => String(name));
  return names.filter((name, at) => names.indexOf(name) !== at);
}

function hasOnly(row: object, names: readonly string[]): boolean {
  return Object.keys(row).every((name) => names.includes(name));
}

/** One line for people, which fits a table of Markdown: no full stop, no bar. */
function isPhrase(value: unknown): boolean {
  return typeof value === "string" && /^[^|\n]*[^|\n.\s]$/.test(value);
}

/** Codes that nothing raises, in Rust (`Code::NotFound`) or TypeScript (`"ASTRID_NOT_FOUND"`). */
export function unusedCodes(codes: readonly string[], files: readonly SourceFile[]): string[] {
  const code = sources(files);
  return codes.filter((name) => {
    const words = name.replace("ASTRID_", "").toLowerCase().split("_");
    const variant = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");
    return !new RegExp(`\\bCode::${variant}\\b|["'\`]${name}["'\`]`).test(code);
  });
}

/** Limits that nothing holds to, in Rust (`PATH_BYTES`) or TypeScript (`"path-bytes"`). */
export function unusedLimits(names: readonly string[], files: readonly SourceFile[]): string[] {
  const code = sources(files);
  return names.filter((name) => {
    const constant = name.replaceAll("-", "_").toUpperCase();
    return !new RegExp(`\\b${constant}\\b|["'\`]${name}["'\`]`).test(code);
  });
}

function sources(files: readonly SourceFile[]): string {
  const ours = files.filter((file) => /^(?:ts|native\/src)\/.*\.(?:ts|rs)$/.test(file.path));
  return ours
    .filter((file) => !isTest(file))
    .map(({ text }) => text)
    .join("\n");
}
