import { escaped } from "./glob.js";
import { InputError } from "./input.js";

/**
 * A pattern as JavaScript's engine takes it, with the flags `u` and `s`: a line is all that is
 * searched, so `.` is any character of it.
 *
 * What Perl's syntax allows and the flag `u` does not is rewritten where it means the same
 * (`\"`, `{` alone, `\A`, `\z`, `\h`, `[[:alpha:]]`, `(?P<name>…)`, `(?i)` at the start); the rest
 * (possessive and atomic groups, `\K`, `\Q`, recursion) is refused rather than read differently.
 */
export function compile(pattern: string, options: { regex: boolean; ignoreCase: boolean }): RegExp {
  const { regex, ignoreCase } = options;
  if (!regex) return new RegExp(escaped(pattern), ignoreCase ? "iu" : "u");
  const start = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = ignoreCase || start?.[1]?.includes("i") ? "isu" : "su";
  const source = translate(start === null ? pattern : pattern.slice(start[0].length));
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`pattern is not a regular expression: ${reason}`);
  }
}

const OUTSIDE: Readonly<Record<string, string>> = {
  A: "^",
  Z: "$",
  z: "$",
  a: "\\x07",
  e: "\\x1b",
  h: "[\\t\\x20\\xa0]",
  H: "[^\\t\\x20\\xa0]",
};
const INSIDE: Readonly<Record<string, string>> = { a: "\\x07", e: "\\x1b", h: "\\t\\x20\\xa0" };
const REFUSED = /^[KQEGRXNg]$/;

const POSIX: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: "\\t\\x20",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t-\\r\\x20",
  upper: "A-Z",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
};

const TOKEN = new RegExp(
  [
    String.raw`\\(?<braced>[pP][A-Z](?![a-z])|[pPx]\{[^}]*\})`,
    String.raw`\\(?<escape>[^])`,
    String.raw`\[:(?<posix>\^?[a-z]+):\]`,
    String.raw`(?<quantifier>\{\d+(?:,\d*)?\})`,
    String.raw`(?<group>\(\?P[<=>])`,
    String.raw`(?<other>[^])`,
  ].join("|"),
  "gu",
);

function translate(pattern: string): string {
  const state: State = { inClass: false, isFirst: false };
  return pattern.replace(TOKEN, (token: string, ...rest: unknown[]) => {
    const { braced, escape: name, posix, group } = rest.at(-1) as Readonly<Record<string, string>>;
    const wasFirst = state.isFirst;
    state.isFirst = false;
    if (braced !== undefined) return bracedOf(braced);
    if (name !== undefined) return escapeOf(name, state.inClass);
    if (posix !== undefined && state.inClass) return posixClass(posix);
    if (group !== undefined) return groupOf(group);
    return state.inClass ? insideToken(token, wasFirst, state) : outsideToken(token, state);
  });
}

/** Whether the reader is in a class, and whether a bracket would be its first character. */
interface State {
  inClass: boolean;
  isFirst: boolean;
}

function insideToken(token: string, wasFirst: boolean, state: State): string {
  state.isFirst = token === "^" && wasFirst;
  // In Perl's syntax a bracket that comes first is a character.
  if (token !== "]" || wasFirst) return /[[\]]/.test(token) ? `\\${token}` : token;
  state.inClass = false;
  return token;
}

function outsideToken(token: string, state: State): string {
  state.inClass = token === "[";
  state.isFirst = state.inClass;
  return /^[{}\]]$/.test(token) ? `\\${token}` : token;
}

function escapeOf(character: string, inClass: boolean): string {
  if (REFUSED.test(character)) throw new InputError(`\\${character} is not supported in a pattern`);
  const known = inClass ? INSIDE[character] : OUTSIDE[character];
  if (known !== undefined) return known;
  // Letters and digits mean something after a backslash; other characters are themselves.
  return /[A-Za-z0-9]/.test(character) ? `\\${character}` : escaped(character);
}

/** `\p{…}` as it is, `\pL` and `\x{41}` in JavaScript's spelling. */
function bracedOf(text: string): string {
  if (text.startsWith("x")) return `\\u${text.slice(1)}`;
  return text.includes("{") ? `\\${text}` : `\\${text[0]}{${text.slice(1)}}`;
}

function posixClass(name: string): string {
  const known = POSIX[name];
  if (known === undefined) throw new InputError(`[:${name}:] is not supported in a pattern`);
  return known;
}

function groupOf(opening: string): string {
  if (opening === "(?P<") return "(?<";
  throw new InputError(`${opening}…) is not supported in a pattern`);
}
