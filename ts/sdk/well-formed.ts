// What the engine and Node 20 have, and the language level that we compile to lacks.
interface WellFormed {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/** Whether a text has no lone surrogate, as the contract carries none. */
export function isWellFormed(text: string): boolean {
  return (text as string & WellFormed).isWellFormed();
}

/** The text with U+FFFD in place of each lone surrogate. */
export function wellFormed(text: string): string {
  return (text as string & WellFormed).toWellFormed();
}
