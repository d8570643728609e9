import clone from "@ungap/structured-clone";

/** A deep copy of a value that a message could carry; functions and symbols throw. */
export function structuredClone<T>(value: T): T {
  return clone(value) as T;
}
