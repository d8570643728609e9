// The log as it crosses: records, checkpoints, and a log that is looked at without its kernel.

import type { NativeFailure, NativeUsage } from "./traffic.js";

/** What a record of a call's end says it used. */
export type NativeCost = Omit<NativeUsage, "reads" | "refusedCalls">;

/** A record of the log; docs/audit.md says what each field means. */
export interface NativeRecord {
  sequence: bigint;
  wallMicros: bigint;
  monoNanos: bigint;
  run: string;
  /** Its number in the run, from 1; 0 for the log's own notes. */
  counter: bigint;
  kind: string;
  count: number;
  cause: bigint;
  principal?: string;
  capsule?: string;
  component?: string;
  authority?: string;
  message?: string;
  verb?: string;
  resource?: string;
  commitment?: string;
  verdict?: string;
  rule?: string;
  outcome?: string;
  code?: string;
  usage?: NativeCost;
  lost?: bigint;
  /** When the first of `count` equal calls was. */
  sinceMicros?: bigint;
  /** Link of this record, hexadecimal. */
  link: string;
}

/** What a note is signed over. */
export interface NativeCheckpoint {
  /** 64 hexadecimal digits. */
  origin: string;
  size: bigint;
  /** 64 hexadecimal digits. */
  root: string;
}

/** What a log holds, as far as it verifies. Hashes are 64 hexadecimal digits. */
export interface NativeVerified {
  records: bigint;
  /** Those of which only the hash is left. */
  pruned: bigint;
  /** Root of the tree over these records. */
  root: string;
  /** Link of the last of them. */
  link: string;
  /** Bytes at the end that are no whole record; 0 unless a write was cut short. */
  tornBytes: bigint;
  /** Roots at the sizes asked for, without those beyond the records. */
  roots: string[];
  /** Why the rest does not verify, and with which record it begins. */
  fault?: NativeFailure & { sequence: bigint };
}

/** RFC 6962 inclusion proof: hashes in hexadecimal, leaf to root. */
export interface NativeProof {
  recordHash: string;
  proof: string[];
}

/** Up to where bodies go: one of both. */
export interface NativeUntil {
  /** Records from this wall time on stay, and all after the first of them. */
  beforeMicros?: bigint;
  /** Records after this one stay. */
  through?: bigint;
}

/** What can be taken out of a log, or was. */
export interface NativePruned {
  /** The last record of the range; 0 for none. */
  through: bigint;
  bodies: bigint;
  bytes: bigint;
}

/** Works on the files, beside a kernel that may be writing them. */
export interface NativeLog {
  /** 64 hexadecimal digits. */
  origin(): string;
  /** Written records from `from` on, at most `limit`, without those whose bodies were pruned. */
  read(from: bigint, limit: number): Promise<NativeRecord[]>;
  /**
   * Recomputes everything; also the roots at `sizes`: ascending, at most `audit-verify-roots`, else
   * it throws ASTRID_INVALID. Content that doesn't verify is told as `fault`, not thrown.
   */
  verify(sizes: bigint[]): Promise<NativeVerified>;
  /**
   * Proves that record `sequence` is in the tree of `size` records. Throws ASTRID_INVALID unless it
   * is from 1 to `size`, ASTRID_NOT_FOUND when there are fewer records, ASTRID_AUDIT_CORRUPT.
   */
  prove(sequence: bigint, size: bigint): Promise<NativeProof>;
  /** What `prune` would take out. Throws ASTRID_AUDIT_CORRUPT, ASTRID_AUDIT_WRITE. */
  prunable(until: NativeUntil): Promise<NativePruned>;
  /**
   * Records `receipt` (kind `log.pruned`) durably, then takes the bodies of records up to `through`
   * out, but for the kinds that stay. Throws as `prunable`, and ASTRID_BUSY while another prunes.
   */
  prune(through: bigint, receipt: string): Promise<{ sequence: bigint; pruned: NativePruned }>;
}
