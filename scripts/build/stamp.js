import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * The content hash of a step's inputs: files, or folders with all their files of the given
 * endings. Times don't count, so a fresh checkout or a touched file builds nothing.
 */
export function hashInputs(root, { inputs, endings }) {
  const hash = createHash("sha256");
  const paths = inputs.flatMap((input) => filesOf(root, input, endings)).sort();
  for (const path of paths) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

function filesOf(root, input, endings) {
  let entries;
  try {
    entries = readdirSync(join(root, input), { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [input];
    if (error.code === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = `${input}/${entry.name}`;
    if (entry.isDirectory()) return filesOf(root, path, endings);
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}

/** Whether the step ran to its end on inputs with this hash, and its outputs are still there. */
export function isFresh(root, step, hash) {
  const path = stampPath(root, step);
  if (!existsSync(path) || readFileSync(path, "utf8") !== hash) return false;
  return step.outputs.every((output) => existsSync(join(root, output)));
}

/** Notes that the step ran to its end on inputs with this hash. */
export function writeStamp(root, step, hash) {
  const path = stampPath(root, step);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, hash);
  renameSync(temporary, path);
}

function stampPath(root, step) {
  return join(root, "dist/.stamps", step.name);
}
