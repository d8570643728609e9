import * as host from "astrid:capsule/clock@0.1.0";

import { count } from "./arguments.js";
import { call, settled } from "./error.js";

/** Wall time in microseconds since 1970; needs `clock.read`. */
export function now(): number {
  return call(() => host.now());
}

/** Microseconds since this instance was made; never goes back. Needs `clock.read`. */
export function monotonic(): number {
  return call(() => host.monotonic());
}

/** Resolves after `durationMs` whole milliseconds, at most 3,600,000. Needs `clock.read`. */
export async function sleep(durationMs: number): Promise<void> {
  await settled(call(() => host.sleep(count(durationMs, "durationMs"))));
}
