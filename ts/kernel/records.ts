import { limit } from "../base/limits.js";
import type { Clock } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeRecord } from "../native/log.js";
import type { NativeKernel } from "../native.js";

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

/** What reading takes; `closed` is aborted when the kernel closes. */
export interface RecordSource {
  readonly native: Pick<NativeKernel, "records">;
  readonly clock: Pick<Clock, "sleepMs">;
  readonly closed: AbortSignal;
}

/** The written records in order, a page at a time. Fails with the log's own codes. */
export async function* readRecords(
  { native, clock, closed }: RecordSource,
  options: RecordOptions,
): AsyncGenerator<AuditRecord, void, undefined> {
  const { signal } = options;
  const ended = signal === undefined ? closed : AbortSignal.any([closed, signal]);
  let next = options.from ?? 0n;
  while (!ended.aborted) {
    const page = await asking(() => native.records(next, limit("record-page")));
    for (const record of page) {
      if (ended.aborted) return;
      next = record.sequence + 1n;
      yield record;
    }
    if (page.length > 0) continue;
    if (options.follow !== true) return;
    // The log has other writers than this process, so there is no one to wake us.
    await clock.sleepMs(limit("record-poll-ms"), ended).catch(() => undefined);
  }
}
