import { withoutRustText } from "./functions.js";
import { isTest, neighbours, type SourceFile } from "./tree.js";

/** From the ground up; a file imports its own folder and what is on lower lines. */
const SCRIPT_LAYERS = [
  ["base"],
  ["native"],
  ["policy", "token"],
  ["audit", "bus", "capsule", "services"],
  ["kernel"],
  ["uplink"],
  ["index"],
  ["cli"],
];
const RUST_LAYERS = [
  ["base"],
  ["audit", "gate"],
  ["engine"],
  ["services"],
  ["kernel"],
  ["binding"],
];

/** Imports of TypeScript that don't point down; the sdk stands alone. */
export function scriptLayers(file: SourceFile, paths: ReadonlySet<string>): string[] {
  const from = scriptLayer(file.path);
  if (from === undefined) return [];
  const targets = neighbours(file, paths).map((path) => scriptLayer(path) ?? "outside");
  return targets.flatMap((to) => judge({ layers: SCRIPT_LAYERS, path: file.path, from, to }));
}

function scriptLayer(path: string): string | undefined {
  return /^ts\/(\w+)/.exec(path)?.[1];
}

/** Uses in Rust that don't point down, and names of the Node binding outside `binding`. */
export function rustLayers(file: SourceFile): string[] {
  const from = /^native\/src\/(\w+)\//.exec(file.path)?.[1];
  if (from === undefined || from === "bin" || isTest(file)) return [];
  const code = withoutRustText(file.text);
  // The binding is a crate of its own, for which the rest has the crate's name.
  const names = from === "binding" ? /\bastrid_native::(\w+)/g : /\bcrate::(\w+)/g;
  const problems = [...code.matchAll(names)].flatMap(([, to = ""]) =>
    judge({ layers: RUST_LAYERS, path: file.path, from, to }),
  );
  if (from !== "binding" && /\bnapi(?:_derive)?\b/.test(code)) {
    problems.push(`${file.path}: only binding/ names napi`);
  }
  return problems;
}

interface Arrow {
  readonly layers: readonly (readonly string[])[];
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

function judge({ layers, path, from, to }: Arrow): string[] {
  const rank = (name: string): number => layers.findIndex((line) => line.includes(name));
  const down = rank(from) > rank(to) && rank(to) >= 0;
  return from === to || down ? [] : [`${path}: ${from} may not import ${to}`];
}

/** Circles among imports, each as the path that leads back to its start. */
export function importCircles(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map(({ path }) => path));
  const edges = new Map(files.map((file) => [file.path, neighbours(file, paths)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) follow(next, [...trail, path]);
    done.add(path);
  };
  for (const path of paths) follow(path, []);
  return circles;
}
