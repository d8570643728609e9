import { fail } from "../../base/errors.js";

const SECONDS = { s: 1n, m: 60n, h: 3600n, d: 86_400n, w: 604_800n } as const;
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/;

/** A moment in a record, as people and programs read it: UTC, to the microsecond. */
export function timeOf(micros: bigint): string {
  const millis = Number(micros / 1000n);
  // The last moment that a date can be.
  if (millis > 8.64e15) return `${micros} µs`;
  const [whole = ""] = new Date(millis).toISOString().split("Z");
  return `${whole}${String(micros % 1000n).padStart(3, "0")}Z`;
}

/**
 * The moment that a flag names, in microseconds since 1970: `90s`, `15m`, `1h`, `7d` or `2w` before
 * now, or a date or time in UTC. Fails with `ASTRID_USAGE`.
 */
export function momentOf(flag: string, text: string, nowMs: number): bigint {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    const ago = BigInt(count) * SECONDS[unit as keyof typeof SECONDS] * 1_000_000n;
    const now = BigInt(Math.trunc(nowMs)) * 1000n;
    return ago > now ? 0n : now - ago;
  }
  const millis = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis) || millis < 0) {
    fail("ASTRID_USAGE", `--${flag} is no time: ${JSON.stringify(text)}`, {
      hints: ["write 90s, 15m, 1h, 7d or 2w, or 2026-01-31, or 2026-01-31T12:00Z"],
    });
  }
  return BigInt(millis) * 1000n;
}
