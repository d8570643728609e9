import type { z } from "zod";

import { VERB_NAMES } from "../grants.js";
import type { KeyPath } from "./locate.js";
import { manifestSchema } from "./schema.js";
import { nearest } from "./suggest.js";

/** What is wrong at a key path, and what to do about it. */
export interface Finding {
  readonly path: KeyPath;
  readonly text: string;
  readonly hint?: string;
  /** Whether the trouble is that nothing is there. */
  readonly isMissing?: boolean;
}

const TOP_KEYS = Object.keys(manifestSchema.shape);

/** A schema's issue as something a person can act on. */
export function explain(issue: z.core.$ZodIssue): Finding {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const key = dotted(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKey(path, issue.keys[0] ?? "");
    case "invalid_type":
      if (issue.input === undefined) return missing(path);
      return { path, text: `${key} must be ${article(issue.expected)}, not ${kind(issue.input)}` };
    case "invalid_value":
      if (issue.input === undefined) return missing(path);
      return { path, text: `${key} must be ${issue.values.join(" or ")}` };
    default:
      return { path, text: key === "" ? issue.message : `${key}: ${issue.message}` };
  }
}

function missing(path: KeyPath): Finding {
  return { path: path.slice(0, -1), text: `${dotted(path)} is missing`, isMissing: true };
}

/** The path as TOML writes it, `grants."fs.read"[1]` for example. */
function dotted(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const name = /^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}

function unknownKey(parent: KeyPath, key: string): Finding {
  const isGrant = parent[0] === "grants";
  const known = isGrant ? VERB_NAMES : TOP_KEYS;
  return {
    path: [...parent, key],
    text: `unknown ${isGrant ? "verb" : "key"} ${JSON.stringify(key)}`,
    hint: unquotedVerbHint(isGrant, key) ?? nearestHint(key, known),
  };
}

/** Without quotes, `fs.read = …` is a table `fs` to TOML. */
function unquotedVerbHint(isGrant: boolean, key: string): string | undefined {
  const verbs = isGrant ? VERB_NAMES.filter((verb) => verb.startsWith(`${key}.`)) : [];
  if (verbs.length === 0) return undefined;
  return `a verb is written in quotes: ${verbs.map((verb) => `"${verb}"`).join(" or ")}`;
}

function nearestHint(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? `known are: ${known.join(", ")}` : `did you mean "${near}"?`;
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  return article(typeof value);
}

function article(type: string): string {
  if (type === "object" || type === "record") return "a table";
  return type === "array" ? "a list" : `a ${type}`;
}
