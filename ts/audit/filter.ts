import type { NativeRecord } from "../native/log.js";
import { matches } from "./wildcard.js";

/** Which records are wanted; what is left out is not asked. */
export interface Filter {
  /** A name, or `name@source`. */
  readonly capsule?: string | undefined;
  readonly principal?: string | undefined;
  readonly kind?: string | undefined;
  readonly verb?: string | undefined;
  readonly verdict?: string | undefined;
  readonly outcome?: string | undefined;
  /** `*` stands for any characters. */
  readonly resource?: string | undefined;
  /** Microseconds since 1970, the first included and the last not. */
  readonly sinceMicros?: bigint | undefined;
  readonly untilMicros?: bigint | undefined;
}

const EXACT = ["principal", "kind", "verb", "verdict", "outcome"] as const;

/** Whether a record is wanted. */
export function isWanted(record: NativeRecord, filter: Filter): boolean {
  const { sinceMicros, untilMicros, capsule, resource } = filter;
  if (sinceMicros !== undefined && record.wallMicros < sinceMicros) return false;
  if (untilMicros !== undefined && record.wallMicros >= untilMicros) return false;
  if (!EXACT.every((name) => filter[name] === undefined || filter[name] === record[name])) {
    return false;
  }
  if (capsule !== undefined && !isCapsule(record.capsule, capsule)) return false;
  return resource === undefined || matches(resource, record.resource ?? "");
}

function isCapsule(identity: string | undefined, wanted: string): boolean {
  return identity === wanted || identity?.split("@", 1)[0] === wanted;
}
