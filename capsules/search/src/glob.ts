import { InputError } from "./input.js";

/** Nested alternatives in one glob, `{a,{b,c}}`. */
const BRACES_DEPTH_MAX = 4;

/**
 * A glob or line of a `.gitignore` as a regular expression without anchors, by git's rules: `*` and
 * `?` stay within a component, `**` between slashes is any number of components, `[a-z]` and `[!a]`
 * are classes, a backslash makes the next character literal. With `braces`, `{a,b}` is either.
 *
 * No part of the result can match one text in many ways, but for neighbouring stars.
 */
export function globSource(glob: string, options: { readonly braces: boolean }): string {
  const reader = { glob, at: 0, depth: 0 };
  let source = "";
  while (reader.at < glob.length) source += part(reader, options.braces);
  if (reader.depth > 0) throw new InputError(`glob ${JSON.stringify(glob)} has an open brace`);
  return source;
}

interface Reader {
  readonly glob: string;
  at: number;
  depth: number;
}

function part(reader: Reader, braces: boolean): string {
  const { glob, at } = reader;
  const character = String.fromCodePoint(glob.codePointAt(at) ?? 0);
  reader.at += character.length;
  switch (character) {
    case "*":
      return stars(reader, at);
    case "?":
      return "[^/]";
    case "[":
      return bracket(reader);
    case "\\": {
      const next = String.fromCodePoint(glob.codePointAt(reader.at) ?? 0x5c);
      reader.at += next.length;
      return escaped(next);
    }
    case "{":
    case ",":
    case "}":
      return braces ? brace(reader, character) : escaped(character);
    default:
      return escaped(character);
  }
}

function stars(reader: Reader, start: number): string {
  const { glob } = reader;
  while (glob[reader.at] === "*") reader.at += 1;
  const isDouble = reader.at - start > 1;
  const begins = start === 0 || /[/{,]/.test(glob[start - 1] ?? "");
  if (!isDouble || !begins) return "[^/]*";
  if (reader.at === glob.length) return "[^]*";
  if (glob[reader.at] !== "/") return "[^/]*";
  reader.at += 1;
  return "(?:[^]*/)?";
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\0-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t-\\r ",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

const BRACKET = /\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\[^]|[^\]\\])*)\]/uy;
const ITEM = /\[:([a-z]+):\]|(\\?[^])-(\\?[^])|\\?[^]/gu;

/** `[…]`; git takes one without an end as a pattern that matches nothing. */
function bracket(reader: Reader): string {
  BRACKET.lastIndex = reader.at - 1;
  const found = BRACKET.exec(reader.glob);
  if (found === null) return NOTHING;
  reader.at = BRACKET.lastIndex;
  const [, negation = "", body = ""] = found;
  const items = body.replace(ITEM, (item: string, name?: string, from?: string, to?: string) => {
    if (name !== undefined) return CLASSES[name] ?? "";
    if (from === undefined || to === undefined) return escaped(bare(item));
    // To git, a range that runs backwards is its first character.
    const isForwards = bare(from) <= bare(to);
    return escaped(bare(from)) + (isForwards ? `-${escaped(bare(to))}` : "");
  });
  return negation === "" ? `(?!/)[${items}]` : `[^/${items}]`;
}

const NOTHING = "[]";

function bare(item: string): string {
  return item.length > 1 && item.startsWith("\\") ? item.slice(1) : item;
}

function brace(reader: Reader, character: string): string {
  if (character === "{") {
    reader.depth += 1;
    if (reader.depth > BRACES_DEPTH_MAX) throw new InputError("glob nests braces too deeply");
    return "(?:";
  }
  if (reader.depth === 0) return escaped(character);
  if (character === ",") return "|";
  reader.depth -= 1;
  return ")";
}

/** A character as a regular expression with the flag `u` takes it literally. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (character) =>
    character === "-" ? "\\x2d" : `\\${character}`,
  );
}

/** Whether a path of components below the workspace is one of the globs. */
export function globFilter(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => true;
  const sources = globs.map((glob) => {
    // As in .gitignore: without a slash the name decides, wherever the file is.
    const isName = !glob.replace(/^\.?\//, "").includes("/");
    const source = globSource(glob.replace(/^\.?\//, ""), { braces: true });
    return isName ? `(?:[^]*/)?${source}` : source;
  });
  const pattern = new RegExp(`^(?:${sources.join("|")})$`, "u");
  return (path) => pattern.test(path);
}
