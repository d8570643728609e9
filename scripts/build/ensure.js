import { join } from "node:path";

import { addon } from "./addon.js";
import { contract } from "./contract.js";
import { withLock } from "./lock.js";
import { withProgress } from "./progress.js";
import { hashInputs, isFresh, writeStamp } from "./stamp.js";
import { typescript } from "./typescript.js";

/** All steps, in the order in which they run. */
export const STEPS = [addon, contract, typescript];

/** Builds what is out of date below `root`; when nothing is, it only reads and hashes sources. */
export async function ensureBuilt(root, steps = STEPS) {
  if (steps.every((step) => isFresh(root, step, hashInputs(root, step)))) return;
  const onWait = (pid) =>
    process.stderr.write(`astrid-native: waiting for another build (process ${pid})\n`);
  await withLock(join(root, "dist/.build-lock"), () => buildStale(root, steps), { onWait });
}

async function buildStale(root, steps) {
  for (const step of steps) {
    // Looked up only now: what we waited for may have built it, or a step before may feed it.
    const hash = hashInputs(root, step);
    if (isFresh(root, step, hash)) continue;
    step.check(root);
    await withProgress(step.title, (say) => step.run(root, say));
    // The hash from before the step: what changed meanwhile makes the next run build again.
    writeStamp(root, step, hash);
  }
}
