import type { Witness } from "../audit/witness/witness.js";
import { fail } from "../base/errors.js";
import type { JsonObject } from "../base/json.js";
import { type AdjustableLimitName, isWithinLimit, limit, limitRow } from "../base/limits.js";
import type { Grant } from "../policy/grant.js";
import type { Plan } from "../policy/plan.js";
import type { LogLine } from "../services/port.js";
import type { PublishListener } from "../services/publications.js";
import type { ServiceProblem, Services } from "../services/service.js";
import type { Prepared } from "./prepare.js";
import type { Workspace } from "./workspace.js";

/** How a kernel is opened. */
export interface KernelOptions {
  /** Its folder; by default `ASTRID_NATIVE_HOME`, else `~/.astrid-native`. */
  readonly home?: string;
  /** Capsule instances that may be live at once; 1 to 20,000, by default as memory allows. */
  readonly instances?: number;
  /** Services by the verb whose host calls they answer, in place of the kernel's own. */
  readonly services?: Services;
  /** Is told of each published message; the publisher waits for its promise. */
  readonly onPublish?: PublishListener;
  /** Is given each line a capsule logs, as the capsule wrote it: escape it before it is shown. */
  readonly onLine?: (line: LogLine) => void;
  /** Who is told of each checkpoint of the log, at most `audit-witnesses`. */
  readonly witnesses?: readonly Witness[];
  /** Is told when a service, a witness or one of these hooks fails. */
  readonly onProblem?: (problem: ServiceProblem) => void;
}

/** What one more live JavaScript capsule may come to use, generously. */
const INSTANCE_BYTES = 4 << 20;

/** Default of `instances`: what fits in so much memory, at most the limit's value. */
export function defaultInstances(memoryBytes: number): number {
  return Math.max(1, Math.min(limit("live-instances"), Math.floor(memoryBytes / INSTANCE_BYTES)));
}

/** What a capsule is given. */
export interface LoadOptions {
  /** The folder behind `workspace://`. */
  readonly workspace?: string;
  /** Rights in so many words, `fs.write=workspace://out/**` for example. */
  readonly grants?: readonly string[];
  /** For whom it acts; by default `PRINCIPAL`. */
  readonly principal?: string;
  /** Settings that overlay those of its manifest. */
  readonly config?: JsonObject;
  /** Budget of each instance, in MiB; by default the limit `memory-mib`. */
  readonly memoryMib?: number;
  /**
   * Of which verbs' calls the log keeps the arguments, sealed for the home's text key; `message`
   * stands for the payloads of messages. By default it keeps none, only commitments.
   */
  readonly keep?: readonly string[];
  /** Instances kept ready between calls, 0 to `instances`; by default 1. */
  readonly idleInstances?: number;
  /** Is asked when rights are missing; true grants all of them for this load. */
  readonly approve?: (question: Question) => boolean | Promise<boolean>;
}

/** Default of `principal`: the person whose account this is. */
export const PRINCIPAL = "local";

/** What a person is asked before a capsule gets more than every capsule may have. */
export interface Question {
  readonly capsule: Prepared;
  readonly principal: string;
  readonly missing: readonly Grant[];
  readonly workspace: Workspace | undefined;
}

/** A capsule and what it may do, before it is loaded. */
export interface Planned {
  readonly capsule: Prepared;
  readonly plan: Plan;
  readonly workspace: Workspace | undefined;
}

/** How one message is handled. */
export interface CallOptions {
  /** Dotted topic; by default `run`. */
  readonly topic?: string;
  /** By default the limit `fuel`. */
  readonly fuel?: bigint | number;
  /** By default the limit `deadline-ms`. */
  readonly deadlineMs?: number;
  /** Aborting it ends the call as `cancelled`. */
  readonly signal?: AbortSignal;
  /** Who sends; by default `library`. */
  readonly sender?: string;
}

/** So many instances of a kernel that may have `most`. Fails with `ASTRID_USAGE` out of range. */
export function withinInstances(count: number, most: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= most) return count;
  return fail("ASTRID_USAGE", `idleInstances must be a whole number from 0 to ${most}`);
}

/** A capsule's settings as they cross. */
export function settings(config: JsonObject): { key: string; value: string }[] {
  return Object.entries(config).map(([key, value]) => ({ key, value: JSON.stringify(value) }));
}

/** `value`, or the limit's own where it is left out. Fails with `ASTRID_USAGE` out of range. */
export function withinLimit(name: AdjustableLimitName, value: number | undefined): number {
  const row = limitRow(name);
  if (value === undefined) return row.value;
  if (!isWithinLimit(name, value)) {
    fail("ASTRID_USAGE", `${name} must be a whole number from ${row.min} to ${row.max}`, {
      limit: name,
    });
  }
  return value;
}
