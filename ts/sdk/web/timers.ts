import { monotonic, sleep } from "astrid:capsule/clock@0.1.0";

import { call, settled } from "../error.js";
import { onMessage } from "../message.js";

/** Longest wait of one timer, in milliseconds; the host refuses more. */
const DELAY_MS_MAX = 3_600_000;
const MICROS_PER_MS = 1000;

interface Timer {
  readonly id: number;
  /** By the instance's own clock, in microseconds. */
  readonly due: number;
  readonly callback: () => void;
  /** Of an interval, in milliseconds. */
  readonly every?: number;
}

interface Alarm {
  readonly due: number;
  readonly future: ReturnType<typeof sleep>;
}

const timers = new Map<number, Timer>();
/** The one wait of the host that all timers share: its places are few. */
let alarm: Alarm | undefined;
let lastId = 0;

// What waits ends with its message, and with it the timers.
onMessage(() => {
  timers.clear();
  alarm = undefined;
});

/** Calls `callback` after at least `delayMs` milliseconds, while its message lasts. */
export function setTimeout<Args extends unknown[]>(
  callback: (...args: Args) => void,
  delayMs = 0,
  ...args: Args
): number {
  const bound = (): void => callback(...args);
  return add({ id: ++lastId, due: dueIn(bounded(delayMs)), callback: bound });
}

/** Calls `callback` again and again, at least `delayMs` milliseconds apart. */
export function setInterval<Args extends unknown[]>(
  callback: (...args: Args) => void,
  delayMs = 0,
  ...args: Args
): number {
  const every = Math.max(1, bounded(delayMs));
  const bound = (): void => callback(...args);
  return add({ id: ++lastId, due: dueIn(every), callback: bound, every });
}

/** Stops a timer; one that fired or was stopped is left alone. */
export function clearTimeout(id?: number): void {
  if (id === undefined || !timers.delete(id) || timers.size > 0) return;
  // Nothing is left to wake up for.
  silence();
}

/** The same as `clearTimeout`. */
export const clearInterval = clearTimeout;

function bounded(delayMs: number): number {
  return Math.min(DELAY_MS_MAX, Math.max(0, Math.ceil(Number(delayMs) || 0)));
}

function dueIn(delayMs: number): number {
  return call(monotonic) + delayMs * MICROS_PER_MS;
}

function add(timer: Timer): number {
  timers.set(timer.id, timer);
  wakeAt(timer.due);
  return timer.id;
}

function wakeAt(due: number): void {
  if (alarm !== undefined && alarm.due <= due) return;
  silence();
  const waitMs = Math.max(0, Math.ceil((due - call(monotonic)) / MICROS_PER_MS));
  const own = { due, future: call(() => sleep(Math.min(DELAY_MS_MAX, waitMs))) };
  alarm = own;
  void ring(own);
}

function silence(): void {
  const { future } = alarm ?? {};
  alarm = undefined;
  // A cancelled wait keeps its place with the host until it is dropped.
  future?.cancelRead();
  future?.drop();
}

async function ring(own: Alarm): Promise<void> {
  try {
    await settled(own.future);
  } catch {
    // Silenced; or refused, as so many other calls wait that the host has no place.
    if (alarm === own) alarm = undefined;
    return;
  }
  if (alarm !== own) return;
  alarm = undefined;
  const now = call(monotonic);
  for (const timer of ordered()) {
    if (timer.due > now) break;
    // An earlier callback may have stopped it.
    if (timers.get(timer.id) === timer) await fire(timer);
  }
  const [next] = ordered();
  if (next !== undefined) wakeAt(next.due);
}

function ordered(): readonly Timer[] {
  return [...timers.values()].sort((a, b) => a.due - b.due || a.id - b.id);
}

/** An interval's next turn stands before its callback, which may clear it. */
async function fire(timer: Timer): Promise<void> {
  const { id, every, callback } = timer;
  if (every === undefined) timers.delete(id);
  else timers.set(id, { ...timer, due: dueIn(every) });
  // What it throws is nobody's to catch, and stops no other timer.
  void (async () => callback())();
}
