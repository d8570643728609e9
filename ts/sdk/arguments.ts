import { AstridGuestError } from "./error.js";
import { isWellFormed } from "./well-formed.js";

// The engine ends the instance for an argument of another type than the contract's; what is wrong
// with it is said here first, with the code ASTRID_INVALID.

const U32_MAX = 0xffff_ffff;

/** A string that has a UTF-8 form. */
export function text(value: string, name: string): string {
  if (typeof value === "string" && isWellFormed(value)) return value;
  return invalid(name, "a string without halves of characters");
}

/** The same, or none. */
export function optionalText(value: string | null, name: string): string | null {
  return value === null ? null : text(value, name);
}

/** Bytes. */
export function bytes(value: Uint8Array, name: string): Uint8Array {
  return value instanceof Uint8Array ? value : invalid(name, "a Uint8Array");
}

/** The same, or none. */
export function optionalBytes(value: Uint8Array | null, name: string): Uint8Array | null {
  return value === null ? null : bytes(value, name);
}

/** A whole number that a 64-bit integer of the contract takes, up to 2^53 - 1. */
export function whole(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  return invalid(name, "a whole number from 0 to 2^53 - 1");
}

/** A whole number for 32 bits; a larger one is the largest, which is over every bound. */
export function count(value: number, name: string): number {
  return Math.min(whole(value, name), U32_MAX);
}

/** Refuses an argument. */
export function invalid(name: string, wanted: string): never {
  throw new AstridGuestError("ASTRID_INVALID", `${name} must be ${wanted}`);
}
