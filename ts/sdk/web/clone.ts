// Not its default export: that asks for the very global which the build makes of this module.
import { deserialize, serialize } from "@ungap/structured-clone";

/** A deep copy of a value that a message could carry; functions and symbols throw. */
export function structuredClone<T>(value: T): T {
  return deserialize(serialize(value)) as T;
}
