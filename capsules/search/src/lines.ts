import { decode, encode, latin1 } from "./bytes.js";
import type { Query } from "./input.js";
import { mayHold } from "./literal.js";
import { compile } from "./regex.js";

/** The lines of one file, and which of them match. */
export interface Lines {
  readonly count: number;
  /** The text of a line, without a carriage return at its end. */
  text(index: number): string;
  /** Where in a line the first match begins, in UTF-16 units from 0; -1 if nowhere. */
  find(index: number): number;
}

/** Opens the bytes of a file for matching; `undefined` when nothing in it can match. */
export type Matcher = (bytes: Uint8Array) => Lines | undefined;

/** The matcher of a query. A literal is compared byte by byte; a regular expression, decoded. */
export function matcher(query: Query): Matcher {
  return query.regex || query.ignoreCase ? regexMatcher(query) : literalMatcher(query.pattern);
}

function literalMatcher(pattern: string): Matcher {
  const needle = encode(pattern);
  const isPossible = mayHold(needle);
  return (bytes) => {
    if (!isPossible(bytes)) return undefined;
    const text = latin1(bytes);
    if (!text.includes(needle)) return undefined;
    // UTF-8 never finds a text in the middle of a character, so only what is shown is decoded.
    const lines = split(text);
    return {
      count: lines.length,
      text: (index) => decode(withoutReturn(lines[index] ?? "")),
      find: (index) => {
        const line = lines[index] ?? "";
        const at = line.indexOf(needle);
        return at < 0 ? -1 : decode(line.slice(0, at)).length;
      },
    };
  };
}

function regexMatcher(query: Query): Matcher {
  const pattern = compile(query.pattern, query);
  return (bytes) => {
    const lines = split(decode(latin1(bytes)));
    return {
      count: lines.length,
      text: (index) => withoutReturn(lines[index] ?? ""),
      find: (index) => (lines[index] ?? "").search(pattern),
    };
  };
}

function split(text: string): string[] {
  const lines = text.split("\n");
  // A line feed ends a line; it does not begin one.
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
