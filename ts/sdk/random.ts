import * as host from "astrid:capsule/random@0.1.0";

import { count } from "./arguments.js";
import { call } from "./error.js";

/** Up to 65,536 bytes from the operating system's generator; needs `random.read`. */
export function bytes(length: number): Uint8Array {
  return call(() => host.bytes(count(length, "length")));
}
