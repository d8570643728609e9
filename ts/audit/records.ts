import { limit } from "../base/limits.js";
import type { Clock } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeRecord } from "../native/log.js";

/** A record of the log. */
export type AuditRecord = Readonly<NativeRecord>;

/** Which records are read. */
export interface RecordOptions {
  /** Sequence number of the first; by default 0. */
  readonly from?: bigint;
  /** Whether to wait for more at the end of the log, until the kernel closes. */
  readonly follow?: boolean;
  /** Aborting it ends the reading. */
  readonly signal?: AbortSignal;
}

/** What reading takes. */
export interface RecordSource {
  /** The records from one on, at most so many. */
  readonly read: (from: bigint, limit: number) => Promise<NativeRecord[]>;
  readonly clock: Pick<Clock, "sleepMs">;
}

/** The written records in order, a page at a time. Fails with the log's own codes. */
export async function* readRecords(
  { read, clock }: RecordSource,
  { from = 0n, follow = false, signal }: RecordOptions,
): AsyncGenerator<AuditRecord, void, undefined> {
  let next = from;
  const isEnded = (): boolean => signal?.aborted === true;
  while (!isEnded()) {
    const page = await asking(() => read(next, limit("record-page")));
    for (const record of page) {
      if (isEnded()) return;
      next = record.sequence + 1n;
      yield record;
    }
    if (page.length > 0) continue;
    if (!follow) return;
    // The log has other writers than this process, so there is no one to wake us.
    await clock.sleepMs(limit("record-poll-ms"), signal).catch(() => undefined);
  }
}
