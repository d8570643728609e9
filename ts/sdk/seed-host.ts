import { bytes } from "astrid:capsule/random@0.1.0";

import type { RawMessage } from "./capsule.js";
import { type Seed, seedOf as seedOfMessage } from "./seed.js";

/** The seed of `Math.random` with the grant `random.read`; without it, the message's. */
export function seedOf(message: RawMessage): Seed {
  try {
    const view = new DataView(Uint8Array.from(bytes(16)).buffer);
    return Uint32Array.from([0, 4, 8, 12], (offset) => view.getUint32(offset) || 1);
  } catch {
    return seedOfMessage(message);
  }
}
