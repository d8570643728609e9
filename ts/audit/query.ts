// Reads the past: records that a filter wants, a page at a time, by the log's index.

import { limit } from "../base/limits.js";
import type { Clock } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeFilter, NativeLog, NativeRecord } from "../native/log.js";

/** A record of the log. */
export type AuditRecord = Readonly<NativeRecord>;

/** Which records are wanted; what is left out is not asked. */
export type RecordFilter = Readonly<NativeFilter>;

/** Which records are read, and in which order. */
export interface RecordOptions extends RecordFilter {
  /** Sequence number of the first to look at; by default the first, or the last of the log. */
  readonly from?: bigint | undefined;
  /** Whether to go back from there, rather than on. */
  readonly newestFirst?: boolean | undefined;
  /** Whether to wait for more at the end of the log; not when going back. */
  readonly follow?: boolean | undefined;
  /** Whether to read the records themselves, and trust no index for what there is. */
  readonly byRecords?: boolean | undefined;
  /** Aborting it ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

/** What reading takes. */
export interface RecordSource {
  readonly native: Pick<NativeLog, "query">;
  readonly clock: Pick<Clock, "sleepMs">;
}

/**
 * The written records that are wanted, in order, in pages of at most `record-page` and at least
 * one. Each is checked against its neighbours; only `audit verify` vouches for the whole.
 *
 * Fails with `ASTRID_INVALID` for a kind, verdict or outcome that is none or a pattern longer than
 * `audit-text-bytes`, and with the log's own codes.
 */
export async function* queryPages(
  { native, clock }: RecordSource,
  options: RecordOptions,
): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  const {
    from,
    newestFirst = false,
    follow = false,
    byRecords = false,
    signal,
    ...filter
  } = options;
  const isEnded = (): boolean => signal?.aborted === true;
  const query = { ...filter, newestFirst, byRecords, limit: limit("record-page") };
  for (let next = from; !isEnded(); ) {
    const page = await asking(() =>
      native.query({ ...query, ...(next !== undefined && { from: next }) }),
    );
    if (isEnded()) return;
    next = page.next;
    if (page.records.length > 0) yield page.records;
    if (!page.isEnd) continue;
    if (!follow || newestFirst) return;
    // The log has other writers than this process, so there is no one to wake us.
    await clock.sleepMs(limit("record-poll-ms"), signal).catch(() => undefined);
  }
}

/** As `queryPages`, one by one. */
export async function* queryRecords(
  source: RecordSource,
  options: RecordOptions,
): AsyncGenerator<AuditRecord, void, undefined> {
  for await (const page of queryPages(source, options)) {
    for (const record of page) {
      if (options.signal?.aborted === true) return;
      yield record;
    }
  }
}

/** The last records that are wanted, at most so many, in the order of the log. */
export async function lastRecords(
  source: RecordSource,
  options: Omit<RecordOptions, "from" | "newestFirst" | "follow">,
  count: number,
): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  for await (const record of queryRecords(source, { ...options, newestFirst: true })) {
    if (found.push(record) >= count) break;
  }
  return found.reverse();
}
