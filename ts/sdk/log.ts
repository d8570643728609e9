import * as host from "astrid:capsule/log@0.1.0";

import { call } from "./error.js";

/** Writes a line of at most 8,192 bytes for the person who runs the capsule. Needs `log.write`. */
export function write(level: "debug" | "info" | "warn" | "error", text: string): void {
  call(() => host.write(level, text));
}

/** `write` at level debug. */
export const debug = (text: string): void => write("debug", text);
/** `write` at level info. */
export const info = (text: string): void => write("info", text);
/** `write` at level warn. */
export const warn = (text: string): void => write("warn", text);
/** `write` at level error. */
export const error = (text: string): void => write("error", text);
