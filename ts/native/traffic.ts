// What crosses between addon and TypeScript while capsules run; 64-bit counters cross as bigint.

/** What the gate's refusal of one host call looked like, for the person. */
export interface NativeRefusal {
  /** Number of the record that holds the decision. */
  number: bigint;
  verb: string;
  resource: string;
  /** `no-rule`, `rule`, `inside`, `protected` or `revoked`. */
  why: string;
  /** Text of the rule, for `rule` and `inside`. */
  rule?: string;
  /** For `protected`: the text of the row that protects the name, `.env` for example. */
  protected?: string;
}

/** What one call used. */
export interface NativeUsage {
  fuel: bigint;
  /** Microseconds from delivery to end. */
  wallMicros: bigint;
  /** Most bytes the instance held at once. */
  peakMemoryBytes: bigint;
  hostCalls: bigint;
  /** Host calls that read something into the guest (`fs.read` and its like). */
  reads: bigint;
  refusedCalls: bigint;
  bytesIn: bigint;
  bytesOut: bigint;
}

export interface NativeFailure {
  code: string;
  message: string;
}

/** How a call ended. */
export interface NativeEnd {
  /** One of `OUTCOMES` in kernel/result.ts. */
  outcome: string;
  /** JSON text, for `done`; absent when the handler answered nothing. */
  output?: string;
  /** For every outcome but `done`. For `guest-error` the code is the guest's own. */
  error?: NativeFailure;
  usage: NativeUsage;
  /** The first refusals of this message, in order, at most 100. */
  refusals: NativeRefusal[];
  /** Sequence number of the record that tells the end. */
  record: bigint;
  /** Link of that record, 64 hexadecimal digits. */
  head: string;
}

/** A host call for TypeScript to answer. */
export interface NativePortCall {
  number: number;
  verb: string;
  resource: string;
  payload: string;
  capsule: string;
  principal: string;
  message: string;
}

export interface NativeLine {
  capsule: string;
  level: "debug" | "info" | "warn" | "error";
  text: string;
}

/** What goes out to TypeScript at once. */
export interface NativeBatch {
  calls: NativePortCall[];
  /** Numbers of calls that nobody waits for any more. */
  cancelled: number[];
  lines: NativeLine[];
  /** Calls to capsules that ended; what they sent out is in this batch or an earlier one. */
  ended: NativeEnded[];
}

/** How a call to a capsule ended, or why nothing was delivered: one of the two. */
export interface NativeEnded {
  token: number;
  end?: NativeEnd;
  failure?: NativeFailure;
}

/** What a service answers: JSON text, or an error for the guest. */
export interface NativeAnswer {
  number: number;
  json?: string;
  error?: NativeFailure;
}
