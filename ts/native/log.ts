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

/** Which records are wanted; what is left out is not asked. */
export interface NativeFilter {
  /** Microseconds since 1970, the first included and the last not. */
  sinceMicros?: bigint | undefined;
  untilMicros?: bigint | undefined;
  principal?: string | undefined;
  /** A name, or `name@source`. */
  capsule?: string | undefined;
  kind?: string | undefined;
  verb?: string | undefined;
  verdict?: string | undefined;
  outcome?: string | undefined;
  code?: string | undefined;
  /** `*` stands for any characters; a record without a resource has the empty one. */
  resource?: string | undefined;
}

/** What is looked up at once. */
export interface NativeQuery extends NativeFilter {
  /** Sequence of the first record to look at; the first or the last of the log if not said. */
  from?: bigint;
  /** At most `record-page`. */
  limit: number;
  /** From there on back. */
  newestFirst: boolean;
  /** Use no index file. */
  byRecords: boolean;
}

/** What was found, and where to go on; `isEnd` if there is nothing more for now. */
export interface NativePage {
  records: NativeRecord[];
  next: bigint;
  isEnd: boolean;
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
  /** Decisions without an outcome, and the first of them by their sequence. */
  openDecisions: bigint;
  openFirst: bigint[];
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

/** What there is of a record's arguments. */
export interface NativeKept {
  /** It has none; only their salt; their sealed text too; salt or text was destroyed. */
  state: "nothing" | "salt" | "text" | "forgotten";
  /** 64 hexadecimal digits. */
  salt?: string;
  /** As libsodium's `crypto_box_seal` makes it. */
  sealed?: Uint8Array;
}

/** Works on the files, beside a kernel that may be writing them. */
export interface NativeLog {
  /** 64 hexadecimal digits. */
  origin(): string;
  /**
   * The next records that are wanted, after at most `audit-query-segments` segments; pruned ones
   * are left out. Throws ASTRID_INVALID for a name that is none, a pattern longer than
   * `audit-text-bytes` or a limit of 0, ASTRID_AUDIT_CORRUPT.
   */
  query(query: NativeQuery): Promise<NativePage>;
  /**
   * Recomputes everything; also the roots at `sizes`: ascending, at most `audit-verify-roots`, else
   * it throws ASTRID_INVALID. Content that doesn't verify is told as `fault`, not thrown.
   */
  verify(sizes: bigint[]): Promise<NativeVerified>;
  /** How many records the verification that runs has seen, or the last one saw. */
  seen(): bigint;
  /**
   * Proves that record `sequence` is in the tree of `size` records with this root of 32 bytes.
   * Throws ASTRID_INVALID unless it is from 1 to `size`, ASTRID_NOT_FOUND when there are fewer
   * records, ASTRID_AUDIT_ROOT when they have another root, ASTRID_AUDIT_CORRUPT.
   */
  prove(sequence: bigint, size: bigint, root: Uint8Array): Promise<NativeProof>;
  /** Throws ASTRID_NOT_FOUND (no such record, or its body was pruned). */
  kept(sequence: bigint): Promise<NativeKept>;
  /** Whether framed arguments are what a record committed to. Throws as `kept`, or without salt. */
  commits(sequence: bigint, framed: Uint8Array): Promise<boolean>;
  /**
   * Records `receipt` durably, then destroys texts and salts of these records. Throws
   * ASTRID_NOT_FOUND when they aren't all there, ASTRID_INVALID, ASTRID_BUSY.
   */
  forget(
    first: bigint,
    last: bigint,
    receipt: string,
  ): Promise<{ sequence: bigint; salts: bigint; texts: bigint }>;
  /** What `prune` would take out. Throws ASTRID_AUDIT_CORRUPT, ASTRID_AUDIT_WRITE. */
  prunable(until: NativeUntil): Promise<NativePruned>;
  /**
   * Records `receipt` (kind `log.pruned`) durably, then takes the bodies of records up to `through`
   * out, but for the kinds that stay. Throws as `prunable`, and ASTRID_BUSY while another prunes.
   */
  prune(through: bigint, receipt: string): Promise<{ sequence: bigint; pruned: NativePruned }>;
  /**
   * Writes the tree of the first `size` records as tiles into a folder that is made. Throws as
   * `prove`, and ASTRID_EXISTS, ASTRID_IO.
   */
  tiles(size: bigint, root: Uint8Array, folder: string): Promise<void>;
}
