import { type ErrorCode, fail } from "./errors.js";
import { limit } from "./limits.js";

/** Any value that JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object of JSON values; keys come from outside, so look them up with `Object.hasOwn`. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** What one document may be, and how its refusal is named. */
export interface JsonBounds {
  /** What is parsed, for the message: `--input`, for example. */
  readonly what: string;
  /** The code when it is not JSON or goes over a bound; by default `ASTRID_INPUT`. */
  readonly code?: ErrorCode;
  /** Largest length as UTF-8, in bytes; by default the limit `payload-bytes`. */
  readonly bytesMax?: number;
  /** Deepest nesting of arrays and objects, in levels; by default the limit `payload-depth`. */
  readonly depthMax?: number;
}

/**
 * The one JSON parser: one document, bounded in bytes and depth before anything is built.
 * Fails with `bounds.code`.
 */
export function parseJson(input: string | Uint8Array, bounds: JsonBounds): Json {
  const { what, code = "ASTRID_INPUT" } = bounds;
  const bytesMax = bounds.bytesMax ?? limit("payload-bytes");
  const depthMax = bounds.depthMax ?? limit("payload-depth");
  const bytes = typeof input === "string" ? Buffer.byteLength(input) : input.byteLength;
  if (bytes > bytesMax) fail(code, `${what} has ${bytes} bytes; at most ${bytesMax} are allowed`);
  const text = typeof input === "string" ? input : decode(input, what, code);
  if (isDeeperThan(text, depthMax)) {
    fail(code, `${what} is nested deeper than ${depthMax} levels`);
  }
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    return fail(code, `${what} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function decode(bytes: Uint8Array, what: string, code: ErrorCode): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return fail(code, `${what} is not UTF-8`, { cause });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ARRAY = { open: 0x5b, close: 0x5d };
const OBJECT = { open: 0x7b, close: 0x7d };

/**
 * Whether brackets outside strings nest deeper than `depthMax`: exact for valid documents, and
 * what is not valid is left to the parser. One pass without a pattern, as patterns can backtrack.
 */
function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) inString = !inString;
    else if (inString) i += unit === BACKSLASH ? 1 : 0;
    else if (unit === ARRAY.open || unit === OBJECT.open) depth += 1;
    else if (unit === ARRAY.close || unit === OBJECT.close) depth -= 1;
    if (depth > depthMax) return true;
  }
  return false;
}
