import { dirname, join } from "node:path/posix";

import { neighbours, type SourceFile } from "./tree.js";

/** What is started or imported from outside: commands, library, sdk, build processes, tests. */
const ENTRIES = [
  /^bin\//,
  /^ts\/(?:index|cli\/main)\.ts$/,
  /^ts\/sdk\/(?:web\/)?[\w-]+\.ts$/,
  /^ts\/capsule\/build\/child\.ts$/,
  /^capsules\/[\w-]+(?:\/[\w-]+)?\/src\/index\.[jt]s$/,
  /^scripts\/\w+\/main\.js$/,
  /^benches\/main\.ts$/,
  /^jest\.config\.js$/,
  /\.test\.ts$/,
];

/** Scripts that nothing leads to; what only tests lead to is dead too, unless it is a test's. */
export function deadScripts(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const paths = new Set(byPath.keys());
  const alive = new Set<string>();
  const reach = (path: string, fromTest: boolean): void => {
    if (alive.has(path) || (fromTest && !path.startsWith("__tests__/"))) return;
    alive.add(path);
    const file = byPath.get(path);
    const test = path.startsWith("__tests__/");
    for (const next of file === undefined ? [] : neighbours(file, paths)) reach(next, test);
  };
  for (const path of paths) if (ENTRIES.some((entry) => entry.test(path))) reach(path, false);
  return [...paths].filter((path) => !alive.has(path)).map((path) => `${path}: nothing uses it`);
}

/** Rust files that no `mod` names: the compiler doesn't see them and so can't say it. */
export function deadRust(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map(({ path, text }) => [path, text]));
  const inside = [...byPath.keys()].filter((path) => path.startsWith("native/src/"));
  return inside.flatMap((path) => {
    const name = path.endsWith("/mod.rs") ? dirname(path) : path.replace(/\.rs$/, "");
    const folder = dirname(name);
    const parents = [`${folder}/mod.rs`, `${folder}/lib.rs`, `${folder}.rs`];
    const declared = new RegExp(`\\bmod ${name.slice(folder.length + 1)};`);
    const isRoot = path.endsWith("/lib.rs") || folder === join("native/src", "bin");
    if (isRoot || parents.some((parent) => declared.test(byPath.get(parent) ?? ""))) return [];
    return [`${path}: no mod names it`];
  });
}
