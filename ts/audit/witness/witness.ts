import type { Powers } from "../../base/powers.js";

/** Who is told of each checkpoint, so that it is kept where the home's owner can't change it. */
export type Witness =
  /** A file outside of the home; a mount of another machine, for example. Notes are appended. */
  | { readonly file: string }
  /** A program and its arguments; it gets each note on its standard input, without a shell. */
  | { readonly command: readonly [program: string, ...args: string[]] };

/** What telling witnesses takes. */
export type WitnessPowers = Pick<Powers, "files" | "processes" | "clock" | "host">;

/** How a witness is called in messages. */
export function nameOf(witness: Witness): string {
  return JSON.stringify("file" in witness ? witness.file : witness.command[0]);
}
