import type { Powers } from "../base/powers.js";
import type { Arguments, FlagTable } from "./flags.js";
import type { Printer } from "./print.js";

/** What a verb works with. */
export interface Context {
  readonly powers: Powers;
  readonly print: Printer;
  /** Aborted when the person gives up. */
  readonly signal: AbortSignal;
}

/** One verb of the command line. */
export interface Verb {
  readonly name: string;
  /** What follows the name in the help: `<folder>`, for example. */
  readonly operand: string;
  readonly about: string;
  /** More lines for its own help. */
  readonly details: readonly string[];
  readonly flags: FlagTable;
  readonly examples: readonly string[];
  /** Resolves with the exit code. */
  readonly run: (context: Context, args: Arguments) => Promise<number>;
}
