import * as host from "astrid:capsule/ipc@0.1.0";

import { call, settled } from "./error.js";

/**
 * Publishes a JSON value under a topic; resolves when the kernel has taken it over. Needs
 * `ipc.publish`. Sent at the call, not when it is awaited.
 */
export async function publish(topic: string, value: unknown): Promise<void> {
  const payload = JSON.stringify(value) ?? "null";
  await settled(call(() => host.publish(topic, payload)));
}
