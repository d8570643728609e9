import { join } from "node:path";

import { isAstridError } from "../../base/errors.js";
import { nodePowers } from "../../base/powers.js";
import { loadNative } from "../../native.js";
import { bundle } from "./bundle.js";
import { componentize } from "./componentize.js";
import {
  BuildFailure,
  COMPONENT_FILE,
  JOB_FILE,
  type Job,
  parseOurs,
  RESULT_FILE,
  type Result,
} from "./job.js";

// The entry of the build process: reads a job from its working folder, leaves a result there.
const { files, host } = nodePowers();
const folder = host.workingFolder();
const result = await run();
await files.writeFile(join(folder, RESULT_FILE), JSON.stringify(result));

async function run(): Promise<Result> {
  try {
    const job = parseOurs<Job>(await files.readFile(join(folder, JOB_FILE), "utf8"), JOB_FILE);
    boundSelf(job);
    const bundled = await bundle(job, files);
    const component = await componentize(job, bundled, { files, host });
    await files.writeFile(join(folder, COMPONENT_FILE), component);
    return { ok: true, inputs: bundled.inputs, warnings: bundled.warnings };
  } catch (error) {
    if (error instanceof BuildFailure || isAstridError(error)) {
      const hints = error instanceof BuildFailure ? error.hints : (error.details.hints ?? []);
      const isMemory = error instanceof BuildFailure && error.isMemory;
      return { ok: false, failure: { message: error.message, hints, isMemory } };
    }
    throw error;
  }
}

/** Before anything of the capsule is read: neither heap limits nor deadlines hold native memory. */
function boundSelf({ packageFolder, bounds: { memoryMib, deadlineMs } }: Job): void {
  loadNative(packageFolder).boundBuild(memoryMib, deadlineMs);
}
