import type { Json } from "../base/json.js";

/** A host call that TypeScript answers; the gate has decided it already. */
export interface ServiceCall {
  readonly verb: string;
  /** The decided resource: act on this and on nothing else. */
  readonly resource: string;
  readonly payload: Json;
  /** The payload as the capsule wrote it. */
  readonly payloadText: string;
  /** Who calls, as `name@source`. */
  readonly capsule: string;
  readonly principal: string;
  /** Correlation id of the message being served. */
  readonly message: string;
  /** Aborted when nobody waits any more, or at the limit `service-deadline-ms`. */
  readonly signal: AbortSignal;
}

/**
 * Answers host calls. An `AstridError` goes to the guest with its code and message; anything else
 * that is thrown becomes `ASTRID_SERVICE`, without a word of what it was.
 */
export type Service = (call: ServiceCall) => Json | undefined | Promise<Json | undefined>;

/** Services by the verb they answer. */
export type Services = Readonly<Record<string, Service>>;

/** What went wrong with a service, with signing the log or with a witness of it. */
export interface ServiceProblem {
  readonly kind:
    | "threw"
    | "wrong-shape"
    | "silent"
    | "late"
    | "double"
    | "unknown-verb"
    | "hook"
    | "checkpoint"
    | "witness";
  /** Absent for checkpoint and witness, and for an answer to a call that isn't known any more. */
  readonly verb?: string;
  /** Number of the host call; absent for `hook`, `checkpoint` and `witness`. */
  readonly number?: number;
  /** What was thrown, if something was. */
  readonly cause?: unknown;
}
