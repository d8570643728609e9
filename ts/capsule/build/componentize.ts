import { SourceMap } from "node:module";
import { join } from "node:path";

import { componentize as componentizeQuickJs } from "componentize-qjs";

import type { Files } from "../../base/powers.js";
import { excerpt } from "../excerpt.js";
import { INTERFACES } from "../grants.js";
import type { Bundle } from "./bundle.js";
import { BuildFailure, type Job, parseOurs } from "./job.js";
import { WORLD_NAME } from "./world.js";

/**
 * Turns the bundled module into a component: QuickJS runs it up to its first message, in a sandbox
 * that sees an empty folder, and the memory it leaves is kept.
 *
 * Fails with a `BuildFailure`.
 */
export async function componentize(
  job: Job,
  bundle: Bundle,
  files: Files,
  workFolder: string,
): Promise<Uint8Array> {
  const witFolder = join(workFolder, "wit");
  await writeWit(job, files, witFolder);
  // The folder of the module is what the sandbox can read, so there is nothing else in it.
  const moduleRoot = join(workFolder, "module");
  const jsPath = join(moduleRoot, "capsule.js");
  await files.mkdir(moduleRoot);
  await files.writeFile(jsPath, "");
  try {
    const { component } = await componentizeQuickJs({
      witPath: witFolder,
      jsSource: bundle.code,
      jsPath,
      moduleRoot,
      world: WORLD_NAME,
    });
    return component;
  } catch (error) {
    throw runFailure(error instanceof Error ? error.message : String(error), bundle);
  }
}

async function writeWit(job: Job, files: Files, folder: string): Promise<void> {
  await files.mkdir(folder);
  for (const name of ["types", "handler", ...INTERFACES]) {
    const text = await files.readFile(join(job.packageFolder, "wit", `${name}.wit`));
    await files.writeFile(join(folder, `${name}.wit`), text);
  }
  await files.writeFile(join(folder, "world.wit"), job.worldWit);
}

/** An error of the author's top-level code, at the author's line where the stack tells it. */
function runFailure(message: string, bundle: Bundle): BuildFailure {
  const what = (message.split("\n")[0] ?? "")
    .replace(/^(?:: |Failed to [^:]*: )*/, "")
    .slice(0, 500);
  const frame = /\(?[^\s():]+\.js:(\d+)(?::(\d+))?\)?/.exec(message);
  if (frame === null) return new BuildFailure(what);
  const map = new SourceMap(parseOurs(bundle.map, "the source map"));
  const entry = map.findEntry(Number(frame[1]) - 1, Number(frame[2] ?? 1) - 1);
  if (!("originalSource" in entry)) return new BuildFailure(what);
  const path = entry.originalSource;
  const at = { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  const file = bundle.sources.name(path);
  return new BuildFailure(excerpt({ file, at, what }, bundle.sources.text(path)));
}
