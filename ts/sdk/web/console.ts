import { write } from "../log.js";

/** Longest line, in UTF-16 units, so that its UTF-8 form stays within 8,192 bytes. */
const LINE_LENGTH_MAX = 2700;

type Level = "debug" | "info" | "warn" | "error";

/** As on the Web, it never throws: a line that the host refuses stands in the host's own record. */
function line(level: Level, values: readonly unknown[]): void {
  try {
    const text = values.map(shown).join(" ");
    write(level, text.length > LINE_LENGTH_MAX ? `${text.slice(0, LINE_LENGTH_MAX)}…` : text);
  } catch {
    return;
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ? `${value}\n${value.stack}` : String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A circle, or a BigInt: what it says of itself.
    return String(value);
  }
}

/** The methods people call; each writes one line to the capsule's log. */
export const console = {
  debug: (...values: unknown[]): void => line("debug", values),
  log: (...values: unknown[]): void => line("info", values),
  info: (...values: unknown[]): void => line("info", values),
  warn: (...values: unknown[]): void => line("warn", values),
  error: (...values: unknown[]): void => line("error", values),
  trace: (...values: unknown[]): void => line("debug", values),
  assert: (condition: unknown, ...values: unknown[]): void => {
    if (!condition) line("error", ["assertion failed:", ...values]);
  },
};
