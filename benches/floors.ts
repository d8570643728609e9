import { createRequire } from "node:module";

import type { NativeKernel } from "../ts/native.js";

/** A component on Wasmtime with the kernel's settings and host functions that do nothing. */
export interface BareCapsule {
  /** One call of an instance that lives on. */
  warm(payload: string): Promise<string | null>;
  /** A fresh instance, one call, and its end. */
  fresh(payload: string): Promise<string | null>;
}

/** What needs Node but nothing of the product. */
export interface Floors {
  /** A promise that another thread settles at once. */
  roundTrip(): Promise<void>;
  /**
   * Calls `callback` from another thread, waits for `answer`, and so on `count` times; the
   * nanoseconds of one round.
   */
  bounce(count: number, callback: (payload: string) => void): Promise<number>;
  answer(): void;
}

/** The addon's side of the port, with callers that are no guests, and without the log. */
export interface BarePort extends Pick<NativeKernel, "take" | "answer"> {
  /** Each caller calls so often, one call after the other; the nanoseconds of one call. */
  run(callers: number, each: number): Promise<number>;
}

/** The addon of floors. */
export interface FloorsAddon {
  noop(): void;
  readonly Floors: new () => Floors;
  readonly BarePort: new (wake: () => void) => BarePort;
  readonly BareCapsule: new (component: Uint8Array) => BareCapsule;
}

/** Loads it from `path`. */
export function loadFloors(path: string): FloorsAddon {
  return createRequire(import.meta.url)(path) as FloorsAddon;
}
