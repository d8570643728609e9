// The files of the repository as the tidy rules see them.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";

/** The repository's folder, seen from dist/__tests__/tidy/. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** One file, by its path from the root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const SKIPPED = new Set([".git", "dist", "fixtures", "generated", "node_modules", "target"]);
const ENDINGS = new Set([".js", ".json", ".md", ".rs", ".toml", ".ts", ".wit", ".yml"]);

/** All text files of ours, without what is built, downloaded or made to be wrong. */
export function repository(): readonly SourceFile[] {
  return walk("").map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

function walk(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
    return ENDINGS.has(extname(entry.name)) ? [path] : [];
  });
}

/** TypeScript and JavaScript. */
export function isScript({ path }: SourceFile): boolean {
  return /\.[jt]s$/.test(path) && !path.endsWith(".d.ts");
}

/** Rust. */
export function isRust({ path }: SourceFile): boolean {
  return path.endsWith(".rs");
}

/** Tests and what only they use. */
export function isTest({ path }: SourceFile): boolean {
  return /(?:^|\/)(?:__tests__|tests)\/|(?:^|\/)tests?\.rs$/.test(path);
}

/** The line that holds this offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Source files that a script names by a relative path, imports among them. */
export function neighbours(file: SourceFile, paths: ReadonlySet<string>): string[] {
  const named = file.text.matchAll(/["'`](\.{1,2}\/[^"'`\s]+)\.js["'`]/g);
  return [...named].flatMap(([, name = ""]) => {
    const path = normalize(join(dirname(file.path), name));
    return [`${path}.ts`, `${path}.js`].filter((candidate) => paths.has(candidate));
  });
}
