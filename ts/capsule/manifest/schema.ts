import { z } from "zod";

import type { JsonObject } from "../../base/json.js";
import { limit } from "../../base/limits.js";
import { type Grants, VERB_NAMES, VERBS, type Verb } from "../grants.js";

const NAME_LENGTH_MAX = 64;
const VERSION_LENGTH_MAX = 64;
const DESCRIPTION_LENGTH_MAX = 500;
const KEY_BYTES_MAX = limit("config-key-bytes");

const SEMVER_NUMBER = "(?:0|[1-9][0-9]{0,8})";
const SEMVER_LABEL = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const SEMVER = new RegExp(
  `^${Array(3).fill(SEMVER_NUMBER).join("\\.")}(?:-${SEMVER_LABEL})?(?:\\+${SEMVER_LABEL})?$`,
);

const name = z
  .string()
  .max(NAME_LENGTH_MAX, `at most ${NAME_LENGTH_MAX} characters are allowed`)
  .regex(
    /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    "a name is made of lower-case words and digits joined by single hyphens",
  );

const version = z
  .string()
  .max(VERSION_LENGTH_MAX, `at most ${VERSION_LENGTH_MAX} characters are allowed`)
  .regex(SEMVER, 'a version has the form "1.2.3"');

/** A path below the manifest's folder, with one of these endings. */
function innerPath(...endings: string[]) {
  return z
    .string()
    .max(limit("path-bytes"))
    .refine(isInnerPath, 'a path inside the folder is meant, "src/index.ts" for example')
    .refine(
      (path) => endings.some((ending) => path.endsWith(ending)),
      `the file's name must end in ${endings.join(", ")}`,
    );
}

function isInnerPath(path: string): boolean {
  if (/[\\\0]/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

const PATH_ROOT = /^(?:workspace|data|tmp):\/\//;

function patterns(verb: Verb) {
  const isPath = VERBS[verb].opens === "fs";
  const pattern = z
    .string()
    .min(1, "an empty pattern matches nothing")
    .refine(
      (text) => Buffer.byteLength(text) <= limit("pattern-bytes"),
      `a pattern has at most ${limit("pattern-bytes")} bytes`,
    )
    .refine(
      (text) => !isPath || PATH_ROOT.test(text),
      "a path pattern begins with workspace://, data:// or tmp://",
    );
  return z
    .array(pattern)
    .min(1, "an empty list grants nothing; leave the verb out")
    .max(limit("grants"), `at most ${limit("grants")} patterns are allowed`);
}

function grant(verb: Verb) {
  return VERBS[verb].resource ? patterns(verb) : z.literal(true);
}

const grants = z.strictObject(
  Object.fromEntries(VERB_NAMES.map((verb) => [verb, grant(verb).optional()])),
) as z.ZodType as z.ZodType<Grants>;

/** Settings are handed on as parsed: copying them key by key would treat `__proto__` as special. */
const config = z.custom<JsonObject>(isTable, "must be a table").check((context) => {
  for (const { path, message } of settingIssues(context.value, [])) {
    context.issues.push({ code: "custom", message, path: [...path], input: context.value });
  }
});

interface SettingIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What in a table of settings has no JSON form, or a key that no one could ask for. */
function* settingIssues(
  value: unknown,
  path: readonly (string | number)[],
): Generator<SettingIssue> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* settingIssues(item, [...path, index]);
  } else if (isTable(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === "" || key === "__proto__") yield { path: [...path, key], message: "not a key" };
      if (path.length === 0 && Buffer.byteLength(key) > KEY_BYTES_MAX) {
        const message = `a setting's key has at most ${KEY_BYTES_MAX} bytes`;
        yield { path: [...path, key], message };
      }
      yield* settingIssues(inner, [...path, key]);
    }
  } else if (typeof value === "number" ? !Number.isFinite(value) : value instanceof Date) {
    yield { path, message: "dates, inf and nan have no JSON form; write a string" };
  }
}

function isTable(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

/** `Capsule.toml`, version 1: the one description of its form. */
export const manifestSchema = z
  .strictObject({
    manifest: z.literal(1),
    name,
    version,
    description: z.string().max(DESCRIPTION_LENGTH_MAX).optional(),
    source: innerPath(".ts", ".mts", ".js", ".mjs").optional(),
    component: innerPath(".wasm").optional(),
    grants: grants.default({}),
    config: config.default({}),
  })
  .check((context) => {
    const { source, component, config: settings, grants: asked } = context.value;
    const input = context.value;
    if ((source === undefined) === (component === undefined)) {
      const message = "exactly one of source and component is needed";
      const path = source === undefined ? [] : ["component"];
      context.issues.push({ code: "custom", message, path, input });
    }
    if (Object.keys(settings).length > 0 && asked["config.read"] === undefined) {
      const message = 'nothing may read these settings: grants has no "config.read"';
      context.issues.push({ code: "custom", message, path: ["config"], input });
    }
  });

/** A valid manifest in its normal form: every table is present. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
