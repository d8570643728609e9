/** The text with U+FFFD in place of each lone surrogate, as the contract carries no others. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
