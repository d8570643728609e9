import * as host from "astrid:capsule/config@0.1.0";

import { text } from "./arguments.js";
import { call } from "./error.js";

/** The setting under `key`, parsed, or `undefined`; needs `config.read`. */
export function get(key: string): unknown {
  const json = call(() => host.get(text(key, "key")));
  return json === null ? undefined : JSON.parse(json);
}

/** The keys this capsule may read, in byte order. */
export function keys(): string[] {
  return call(() => host.keys());
}
