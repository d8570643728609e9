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

/** Reads the files only, beside a kernel that may be writing them. */
export interface NativeLog {
  /** 64 hexadecimal digits. */
  origin(): string;
  /** Written records from `from` on, at most `limit`; pruned ones are left out. */
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
}
