import * as host from "astrid:capsule/ipc@0.1.0";

import { invalid, text } from "./arguments.js";
import { call, settled } from "./error.js";

/**
 * Publishes a JSON value under a topic; resolves when the kernel has taken it over. Needs
 * `ipc.publish`. Sent at the call, not when it is awaited.
 */
export async function publish(topic: string, value: unknown): Promise<void> {
  const payload = jsonOf(value);
  await settled(call(() => host.publish(text(topic, "topic"), payload)));
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    return invalid("value", `one that has a JSON form: ${(error as Error).message}`);
  }
}
