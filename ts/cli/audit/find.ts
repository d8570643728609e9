import { limit } from "../../base/limits.js";
import { asking } from "../../native/errors.js";
import type { NativeLog, NativeRecord } from "../../native/log.js";

/** The record at a place in the log; none if nothing is there, or its body was pruned. */
export async function recordAt(
  native: NativeLog,
  sequence: bigint,
): Promise<NativeRecord | undefined> {
  const [record] = await asking(() => native.read(sequence, 1));
  return record?.sequence === sequence ? record : undefined;
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
