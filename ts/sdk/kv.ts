import * as host from "astrid:capsule/kv@0.1.0";

import { bytes, count, optionalBytes, optionalText, text } from "./arguments.js";
import { call } from "./error.js";

/** One page of a listing: pass `next` as `after` to go on. */
export interface KeyPage {
  readonly keys: readonly string[];
  readonly next: string | null;
}

/** Largest page, in keys. */
const PAGE_KEYS = 1000;

/** The value under `key`, or `null`; needs `kv.read`. */
export function get(key: string): Uint8Array | null {
  return call(() => host.get(text(key, "key")));
}

/** Sets `key` to `value`; needs `kv.write`. */
export function set(key: string, value: Uint8Array): void {
  call(() => host.set(text(key, "key"), bytes(value, "value")));
}

/** Removes `key`; whether it was there. Needs `kv.write`. */
export function remove(key: string): boolean {
  return call(() => host.delete(text(key, "key")));
}

/** One page of the keys that start with `prefix`, in byte order; needs `kv.read` below it. */
export function list(prefix: string, after: string | null = null, limit = PAGE_KEYS): KeyPage {
  return call(() =>
    host.list(text(prefix, "prefix"), optionalText(after, "after"), count(limit, "limit")),
  );
}

/** All keys that start with `prefix`, in byte order. */
export function* keys(prefix: string): Generator<string> {
  let after: string | null = null;
  do {
    const page: KeyPage = list(prefix, after);
    yield* page.keys;
    after = page.next;
  } while (after !== null);
}

/** Puts `replacement` for `expected` in one step; `null` is "no such key". Whether it did. */
export function compareAndSwap(
  key: string,
  expected: Uint8Array | null,
  replacement: Uint8Array | null,
): boolean {
  return call(() =>
    host.compareAndSwap(
      text(key, "key"),
      optionalBytes(expected, "expected"),
      optionalBytes(replacement, "replacement"),
    ),
  );
}
