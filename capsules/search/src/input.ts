/** What the capsule is asked, checked and with its defaults filled in. */
export interface Query {
  readonly pattern: string;
  /** Whether `pattern` is a regular expression; by default it is taken literally. */
  readonly regex: boolean;
  readonly ignoreCase: boolean;
  /** Only files that one of these globs matches; all files when empty. */
  readonly globs: readonly string[];
  /** Lines shown before and after each match, 0 to 20. */
  readonly context: number;
  /** Matching lines answered at most, 1 to 10,000. */
  readonly limit: number;
  /** Whether files and folders whose names begin with a dot are searched. */
  readonly hidden: boolean;
  readonly respectGitignore: boolean;
  /** Where to begin, as components below the workspace; a folder or a file. */
  readonly path: readonly string[];
}

const ROOT = "workspace://";
const PATTERN_LENGTH_MAX = 4096;
const GLOBS_MAX = 64;
const CONTEXT_MAX = 20;
const LIMIT_MAX = 10_000;
const LIMIT_DEFAULT = 1000;

const KEYS = [
  "pattern",
  "regex",
  "ignoreCase",
  "glob",
  "context",
  "limit",
  "hidden",
  "respectGitignore",
  "path",
] as const;

/** An input that can't be searched for; the sdk answers it with the code `E_INPUT`. */
export class InputError extends Error {
  readonly code = "E_INPUT";
}

/** Checks the capsule's input. Throws an `InputError` that says what is wrong and what is meant. */
export function parseQuery(value: unknown): Query {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError('the input must be an object, { "pattern": "text" } for example');
  }
  for (const key of Object.keys(value)) {
    if (!(KEYS as readonly string[]).includes(key)) {
      throw new InputError(`unknown key ${JSON.stringify(key)}; known are ${KEYS.join(", ")}`);
    }
  }
  const fields = value as Readonly<Record<(typeof KEYS)[number], unknown>>;
  return {
    pattern: pattern(fields.pattern),
    regex: flag("regex", fields.regex, false),
    ignoreCase: flag("ignoreCase", fields.ignoreCase, false),
    globs: globs(fields.glob),
    context: count("context", fields.context, { least: 0, most: CONTEXT_MAX, otherwise: 0 }),
    limit: count("limit", fields.limit, { least: 1, most: LIMIT_MAX, otherwise: LIMIT_DEFAULT }),
    hidden: flag("hidden", fields.hidden, true),
    respectGitignore: flag("respectGitignore", fields.respectGitignore, true),
    path: components(fields.path),
  };
}

function pattern(value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new InputError("pattern must be a string that is not empty");
  }
  if (value.length > PATTERN_LENGTH_MAX) {
    throw new InputError(`pattern has more than ${PATTERN_LENGTH_MAX} characters`);
  }
  if (/[\n\0]/.test(value)) {
    throw new InputError("pattern has a line feed or NUL; lines are searched one by one");
  }
  if (/\p{Surrogate}/u.test(value)) throw new InputError("pattern has half of a character");
  return value;
}

function flag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw new InputError(`${name} must be true or false`);
  return value;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

function count(name: string, value: unknown, { least, most, otherwise }: Range): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new InputError(`${name} must be a whole number from ${least} to ${most}`);
}

function globs(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > GLOBS_MAX) throw new InputError(`glob has more than ${GLOBS_MAX} patterns`);
  return list.map((glob) => {
    if (typeof glob === "string" && glob !== "" && glob.length <= PATTERN_LENGTH_MAX) return glob;
    throw new InputError('glob must be a pattern or a list of them, "src/**/*.ts" for example');
  });
}

function components(value: unknown): readonly string[] {
  if (value === undefined || value === ROOT) return [];
  if (typeof value !== "string" || !value.startsWith(ROOT)) {
    throw new InputError(`path must begin with ${ROOT}`);
  }
  return value.slice(ROOT.length).replace(/\/$/, "").split("/");
}
