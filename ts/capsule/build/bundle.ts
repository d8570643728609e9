import { dirname, isAbsolute, join, resolve as resolvePath } from "node:path";
import { type Plugin, rolldown } from "rolldown";

import type { Files } from "../../base/powers.js";
import { injectedGlobals } from "./globals.js";
import { BuildFailure, type InputFile, type Job } from "./job.js";
import { bundlerFailure, type ImportProblem, importFailure } from "./problems.js";
import { classify, isWithin, notFound, SDK, shown, type Target } from "./resolve.js";
import { Sources } from "./sources.js";

/** One module made of all, and what it was made of. */
export interface Bundle {
  readonly code: string;
  /** The source map as JSON text. */
  readonly map: string;
  readonly sources: Sources;
  readonly inputs: readonly InputFile[];
  readonly warnings: readonly string[];
}

const ENTRY_ID = "\0astrid:entry";
const AUTHOR_ID = "\0astrid:author";

/** The module that joins the sdk's `handle` with what the author exports. */
const ENTRY_MODULE = `import * as author from ${JSON.stringify(AUTHOR_ID)};
import { entry } from "${SDK}/entry";
export const handle = entry(author);
`;
const WARNINGS_MAX = 50;

/**
 * Bundles a capsule's source into one module that exports `handle`. Nothing of the folder is run,
 * and of its configuration only `package.json` is looked at, to find modules.
 *
 * Fails with a `BuildFailure`.
 */
export async function bundle(job: Job, files: Files): Promise<Bundle> {
  await checkSource(job, files);
  const sources = new Sources(files, job.capsuleFolder);
  const problems: ImportProblem[] = [];
  const warnings: string[] = [];
  try {
    const build = await rolldown({
      input: ENTRY_ID,
      cwd: job.capsuleFolder,
      platform: "neutral",
      tsconfig: false,
      external: [],
      plugins: [confinement(job, files, { sources, problems })],
      resolve: {
        conditionNames: ["import", "module", "default"],
        mainFields: ["module", "main"],
        extensions: [".ts", ".mts", ".js", ".mjs", ".cjs", ".json"],
        extensionAlias: { ".js": [".ts", ".js"], ".mjs": [".mts", ".mjs"] },
      },
      transform: { target: "es2023", inject: injectedGlobals(job.interfaces) },
      onLog: (level, log) => {
        if (level === "warn" && warnings.length < WARNINGS_MAX) warnings.push(oneLine(log.message));
      },
    });
    const { output } = await build.generate({
      format: "esm",
      codeSplitting: false,
      minify: false,
      sourcemap: "hidden",
      sourcemapPathTransform: (path, mapPath) => resolvePath(dirname(mapPath), path),
      comments: false,
    });
    await build.close();
    const [chunk] = output;
    return {
      code: chunk.code,
      map: JSON.stringify(chunk.map),
      sources,
      inputs: await sources.inputs(),
      warnings,
    };
  } catch (error) {
    if (problems.length > 0) throw importFailure(problems, sources);
    throw error instanceof BuildFailure ? error : bundlerFailure(error, sources);
  }
}

/** The entry must be a file of the folder, whichever links its path has. */
async function checkSource(job: Job, files: Files): Promise<void> {
  const path = join(job.capsuleFolder, job.source);
  const real = await files.realpath(path).catch(() => undefined);
  if (real === undefined) throw new BuildFailure(`the source ${job.source} is missing`);
  if (real !== path) throw new BuildFailure(`the source ${job.source} is reached by a link`);
}

interface Account {
  readonly sources: Sources;
  readonly problems: ImportProblem[];
}

/** The plugin that decides where every import leads, and reads every module. */
function confinement(job: Job, files: Files, account: Account): Plugin {
  const { sources, problems } = account;
  return {
    name: "astrid",
    async resolveId(specifier, importer, options) {
      if (specifier === ENTRY_ID) return ENTRY_ID;
      if (specifier === AUTHOR_ID) return join(job.capsuleFolder, job.source);
      let target = classify(specifier, job);
      if ("search" in target && importer !== undefined) {
        const found = await this.resolve(specifier, importer, { ...options, skipSelf: true });
        target = await confined(found, { specifier, importer, job, files });
      }
      if ("file" in target) return target.file;
      if ("external" in target) return { id: target.external, external: true };
      if ("refused" in target && importer !== undefined) {
        const { refused: what, hint } = target;
        const problem = { importer, specifier, what };
        problems.push(hint === undefined ? problem : { ...problem, hint });
      }
      throw new BuildFailure("an import was refused");
    },
    async load(id) {
      if (id === ENTRY_ID) return { code: ENTRY_MODULE, moduleType: "js" };
      const { text, type } = await sources.load(id);
      return { code: text, moduleType: type };
    },
  };
}

interface Found {
  readonly specifier: string;
  readonly importer: string;
  readonly job: Job;
  readonly files: Files;
}

/** A found module if it lies, after links are followed, where this importer may look. */
async function confined(
  found: { readonly id: string; readonly external: unknown } | null,
  context: Found,
): Promise<Target> {
  const { specifier, importer, job, files } = context;
  if (found === null || found.external !== false || !isAbsolute(found.id)) {
    return notFound(specifier);
  }
  const file = await files.realpath(found.id).catch(() => undefined);
  if (file === undefined) return notFound(specifier);
  const ours = [job.sdkFolder, ...job.polyfillFolders];
  const folders = ours.some((folder) => isWithin(importer, folder)) ? ours : [job.capsuleFolder];
  if (file === join(job.sdkFolder, "seed.js") && job.interfaces.includes("random")) {
    return { file: join(job.sdkFolder, "seed-host.js") };
  }
  if (folders.some((folder) => isWithin(file, folder))) return { file };
  return { refused: `${shown(specifier)} leads out of the capsule's folder` };
}

function oneLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
