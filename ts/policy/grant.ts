import { fail } from "../base/errors.js";
import { escapeText } from "../base/escape.js";
import { limit } from "../base/limits.js";

/** A verb on the resources of one pattern; the pattern is empty for verbs without a resource. */
export interface Grant {
  readonly verb: string;
  readonly pattern: string;
}

/** What a verb's resource is; the addon's `verbs()` says it of each. */
export type ResourceKind = "nothing" | "path" | "topic" | "key";

/** Verbs and the kinds of their resources. */
export type VerbKinds = ReadonlyMap<string, ResourceKind>;

const FORM = "write verb=pattern, or verb alone where it takes no pattern";

/**
 * What one `--grant` says: `verb`, `verb=pattern`, `verb,verb=pattern,pattern`. A comma inside
 * `{a,b}` belongs to the set; elsewhere `\,` is a comma of a name and `\\` a backslash.
 *
 * Whether verbs and patterns are valid is the gate's to say. Fails with `ASTRID_GRANT`.
 */
export function parseGrant(text: string): readonly Grant[] {
  const at = text.indexOf("=");
  const verbs = (at < 0 ? text : text.slice(0, at)).split(",");
  if (verbs.includes("")) fail("ASTRID_GRANT", `${shown(text)} lacks a verb`, { hints: [FORM] });
  const patterns = at < 0 ? [""] : splitPatterns(text.slice(at + 1), text);
  if (at >= 0 && patterns.includes("")) {
    fail("ASTRID_GRANT", `${shown(text)} lacks a pattern`, { hints: [FORM] });
  }
  if (verbs.length * patterns.length > limit("grants")) {
    fail("ASTRID_GRANT", `a table has at most ${limit("grants")} rows`, { limit: "grants" });
  }
  return verbs.flatMap((verb) => patterns.map((pattern) => ({ verb, pattern })));
}

/** The text that `parseGrant` takes for exactly this grant. */
export function formatGrant({ verb, pattern }: Grant): string {
  return pattern === "" ? verb : `${verb}=${escapePattern(pattern)}`;
}

/** `--grant …` for exactly this grant, as bash and zsh take it, with nothing a terminal acts on. */
export function grantFlag(grant: Grant): string {
  return `--grant ${shellWord(formatGrant(grant))}`;
}

/** A word as bash and zsh take it, with nothing in it that acts on a terminal. */
export function shellWord(text: string): string {
  if (/^[\w.,:=/@%+-]+$/.test(text)) return text;
  if (isVisible(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const quoted = Array.from(text, (character) => {
    if (character === "\\" || character === "'") return `\\${character}`;
    if (isVisible(character)) return character;
    return Array.from(Buffer.from(character), (byte) => `\\x${hex(byte)}`).join("");
  });
  return `$'${quoted.join("")}'`;
}

function splitPatterns(text: string, whole: string): string[] {
  const patterns: string[] = [];
  let pattern = "";
  let inSet = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\\") {
      i += 1;
      pattern += escaped(text.charAt(i), inSet, whole);
    } else if (character === "," && !inSet) {
      patterns.push(pattern);
      pattern = "";
    } else {
      if (character === "{" || character === "}") inSet = character === "{";
      pattern += character;
    }
  }
  return [...patterns, pattern];
}

function escaped(character: string, inSet: boolean, whole: string): string {
  if (character === "," && inSet) {
    fail("ASTRID_GRANT", `${shown(whole)}: a name with a comma can't stand in a set`);
  }
  if (character === "," || character === "\\") return character;
  return fail("ASTRID_GRANT", `${shown(whole)}: after a backslash stands a comma or a backslash`);
}

function escapePattern(pattern: string): string {
  let inSet = false;
  return pattern.replace(/[\\,{}]/g, (character) => {
    if (character === "{" || character === "}") inSet = character === "{";
    return character === "\\" || (character === "," && !inSet) ? `\\${character}` : character;
  });
}

function isVisible(text: string): boolean {
  return escapeText(text, { lengthMax: Number.MAX_SAFE_INTEGER }) === text;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function shown(text: string): string {
  return escapeText(JSON.stringify(text), { lengthMax: 200 });
}
