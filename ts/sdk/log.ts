import * as host from "astrid:capsule/log@0.1.0";

import { invalid } from "./arguments.js";
import { call } from "./error.js";
import { wellFormed } from "./well-formed.js";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * Writes a line of at most 8,192 bytes for the person who runs the capsule; halves of characters
 * become U+FFFD. Needs `log.write`.
 */
export function write(level: (typeof LEVELS)[number], line: string): void {
  if (!LEVELS.includes(level)) invalid("level", LEVELS.join(", "));
  if (typeof line !== "string") invalid("line", "a string");
  call(() => host.write(level, wellFormed(line)));
}

/** `write` at level debug. */
export const debug = (line: string): void => write("debug", line);
/** `write` at level info. */
export const info = (line: string): void => write("info", line);
/** `write` at level warn. */
export const warn = (line: string): void => write("warn", line);
/** `write` at level error. */
export const error = (line: string): void => write("error", line);
