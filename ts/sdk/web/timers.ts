import { sleep } from "astrid:capsule/clock@0.1.0";

import { call, settled } from "../error.js";

/** Longest wait of one timer, in milliseconds; the host refuses more. */
const DELAY_MS_MAX = 3_600_000;

type Sleep = ReturnType<typeof sleep>;

const pending = new Map<number, Sleep>();
let lastId = 0;

/** Calls `callback` after at least `delayMs` milliseconds, while its message lasts. */
export function setTimeout<Args extends unknown[]>(
  callback: (...args: Args) => void,
  delayMs = 0,
  ...args: Args
): number {
  lastId += 1;
  const id = lastId;
  const future = start(id, delayMs);
  void fire(id, future, () => {
    pending.delete(id);
    callback(...args);
  });
  return id;
}

/** Calls `callback` again and again, at least `delayMs` milliseconds apart. */
export function setInterval<Args extends unknown[]>(
  callback: (...args: Args) => void,
  delayMs = 0,
  ...args: Args
): number {
  lastId += 1;
  const id = lastId;
  const tick = (): void => {
    // The next wait starts first, so that the callback can clear it.
    const next = start(id, Math.max(1, delayMs));
    void fire(id, next, tick);
    callback(...args);
  };
  const first = start(id, Math.max(1, delayMs));
  void fire(id, first, tick);
  return id;
}

/** Stops a timer; one that fired or was stopped is left alone. */
export function clearTimeout(id?: number): void {
  const future = id === undefined ? undefined : pending.get(id);
  if (id === undefined || future === undefined) return;
  pending.delete(id);
  future.cancelRead();
}

/** The same as `clearTimeout`. */
export const clearInterval = clearTimeout;

function start(id: number, delayMs: number): Sleep {
  const duration = Math.min(DELAY_MS_MAX, Math.max(0, Math.ceil(Number(delayMs) || 0)));
  const future = call(() => sleep(duration));
  pending.set(id, future);
  return future;
}

/** Runs `callback` when the wait is over, unless the timer was stopped meanwhile. */
async function fire(id: number, future: Sleep, callback: () => void): Promise<void> {
  try {
    await settled(future);
  } catch {
    // Stopped, or its message ended.
    pending.delete(id);
    return;
  }
  if (pending.get(id) === future) callback();
}
