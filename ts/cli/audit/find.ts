import { fail } from "../../base/errors.js";
import { limit } from "../../base/limits.js";
import { asking } from "../../native/errors.js";
import type { NativeLog, NativeRecord } from "../../native/log.js";

/**
 * The record at a place in the log; none if nothing is there. Fails with `ASTRID_NOT_FOUND` if its
 * body was pruned.
 */
export async function recordAt(
  native: NativeLog,
  sequence: bigint,
): Promise<NativeRecord | undefined> {
  const [record] = await asking(() => native.read(sequence, 1));
  // A page leaves out what was pruned.
  if (record === undefined || record.sequence === sequence) return record;
  return fail("ASTRID_NOT_FOUND", `the body of record ${sequence} was pruned`, {
    hints: ["audit log --kind log.pruned shows when", "audit prove still proves its hash"],
  });
}

/** The record that a run gave this number; reads the log up to there. */
export async function recordOf(
  native: NativeLog,
  { run, counter }: Pick<NativeRecord, "run" | "counter">,
): Promise<NativeRecord | undefined> {
  for (let next = 1n; ; ) {
    const from = next;
    const page = await asking(() => native.read(from, limit("record-page")));
    const found = page.find((record) => record.run === run && record.counter === counter);
    const last = page.at(-1);
    if (found !== undefined || last === undefined) return found;
    next = last.sequence + 1n;
  }
}
