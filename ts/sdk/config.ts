import * as host from "astrid:capsule/config@0.1.0";

import { call } from "./error.js";

/** The setting under `key`, parsed, or `undefined`; needs `config.read`. */
export function get(key: string): unknown {
  const text = call(() => host.get(key));
  return text === null ? undefined : JSON.parse(text);
}

/** The keys this capsule may read, in byte order. */
export function keys(): string[] {
  return call(() => host.keys());
}
