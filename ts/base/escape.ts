/**
 * What a terminal acts on or an eye overlooks: C0 and C1 controls, line and paragraph separators,
 * format characters (bidirectional marks, zero-width characters, tags), private use, lone
 * surrogates, unassigned code points, and letters and selectors that show nothing.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/u;
const UNSAFE_ALL = new RegExp(UNSAFE, "gu");
const UNSAFE_BUT_LINES = new RegExp(`(?![\\n\\t])${UNSAFE.source}`, "gu");

/** How text from outside is shown. */
export interface EscapeOptions {
  /** Longest result before the note about what was left out, in UTF-16 units; 8,192 by default. */
  readonly lengthMax?: number;
  /** Whether line feeds and tabs stay as they are; by default they are escaped too. */
  readonly keepLines?: boolean;
}

const LENGTH_MAX = 8192;

/**
 * Text from outside made safe to print: every character that is not plainly visible becomes
 * `\u{…}`, and what is over the bound is replaced by its length. Not reversible, because a
 * backslash stays one: where two texts must never look alike, escape their JSON.
 */
export function escapeText(text: string, options: EscapeOptions = {}): string {
  const lengthMax = options.lengthMax ?? LENGTH_MAX;
  const unsafe = options.keepLines === true ? UNSAFE_BUT_LINES : UNSAFE_ALL;
  // Escaping never makes text shorter, so what is beyond the bound need not be looked at.
  const escaped = text.slice(0, lengthMax).replace(unsafe, visible);
  if (text.length <= lengthMax && escaped.length <= lengthMax) return escaped;
  return `${cut(escaped, lengthMax)}… (${text.length} characters in all)`;
}

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** At most `length` units, without a half of a surrogate pair or of an escape at the end. */
function cut(escaped: string, length: number): string {
  return escaped.slice(0, length).replace(/\\(?:u(?:\{[0-9a-f]*)?)?$|[\ud800-\udbff]$/, "");
}
