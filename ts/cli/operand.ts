import { fail } from "../base/errors.js";
import type { Arguments } from "./flags.js";

/** The one word that a verb takes. Fails with `ASTRID_USAGE` for none or several. */
export function operand({ words }: Arguments, what: string): string {
  const [first, second] = words;
  if (first === undefined || first === "") fail("ASTRID_USAGE", `name ${what}`);
  if (second !== undefined) {
    fail("ASTRID_USAGE", `${JSON.stringify(second)} is one word too many`, {
      hints: ["values with spaces need quotes"],
    });
  }
  return first;
}

/** Fails with `ASTRID_USAGE` if a verb that takes no word was given one. */
export function noOperand({ words }: Arguments): void {
  const [first] = words;
  if (first !== undefined) fail("ASTRID_USAGE", `${JSON.stringify(first)} is one word too many`);
}
