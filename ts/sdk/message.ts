import type { RawMessage } from "./capsule.js";

type Listener = (message: RawMessage) => void;

const listeners: Listener[] = [];

/** Calls `listener` before each message is handled, as long as the instance lives. */
export function onMessage(listener: Listener): void {
  listeners.push(listener);
}

/** Tells all listeners that a message begins. */
export function beginMessage(message: RawMessage): void {
  for (const listener of listeners) listener(message);
}
