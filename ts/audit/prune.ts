import type { NativeUntil } from "../native/log.js";

/** What the record of a pruning says. */
export interface Receipt {
  /** The last record of the range. */
  readonly through: bigint;
  readonly until: NativeUntil;
  /** The records up to this one were in a checkpoint that was kept elsewhere; 0 for none. */
  readonly anchored: bigint;
}

/** As it stands in the log: `1-81213 before 2026-01-31T00:00:00.000Z anchored 90000`. */
export function receiptText({ through, until, anchored }: Receipt): string {
  const { beforeMicros } = until;
  return [
    `1-${through}`,
    ...(beforeMicros === undefined
      ? []
      : [`before ${new Date(Number(beforeMicros / 1000n)).toISOString()}`]),
    anchored === 0n ? "unanchored" : `anchored ${anchored}`,
  ].join(" ");
}
