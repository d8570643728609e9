import { queryRecords, type RecordSource } from "../../audit/query.js";
import { fail } from "../../base/errors.js";
import type { NativeRecord } from "../../native/log.js";

/**
 * The record at a place in the log; none if nothing is there. Fails with `ASTRID_NOT_FOUND` if its
 * body was pruned.
 */
export async function recordAt(
  source: RecordSource,
  sequence: bigint,
): Promise<NativeRecord | undefined> {
  for await (const record of queryRecords(source, { from: sequence })) {
    // What was pruned is left out.
    if (record.sequence === sequence) return record;
    fail("ASTRID_NOT_FOUND", `the body of record ${sequence} was pruned`, {
      hints: ["audit log --kind log.pruned shows when", "audit prove still proves its hash"],
    });
  }
  return undefined;
}

/** The record that a run gave this number; reads the log up to there. */
export async function recordOf(
  source: RecordSource,
  { run, counter }: Pick<NativeRecord, "run" | "counter">,
): Promise<NativeRecord | undefined> {
  for await (const record of queryRecords(source, {})) {
    if (record.run === run && record.counter === counter) return record;
  }
  return undefined;
}
