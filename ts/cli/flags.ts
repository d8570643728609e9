import { parseArgs } from "node:util";

import { fail } from "../base/errors.js";
import { type AdjustableLimitName, isWithinLimit, limitRow } from "../base/limits.js";
import { nearest } from "../capsule/manifest/suggest.js";

/** One flag of a verb. */
export interface Flag {
  /** What its value stands for in the help; a flag without one is a switch. */
  readonly value?: string;
  /** Whether it may be given more than once. */
  readonly isRepeatable?: boolean;
  /** Whether its value may have several lines; no other may have control characters. */
  readonly isText?: boolean;
  readonly about: string;
}

/** The flags of a verb, by name without the dashes. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** What every verb takes. */
export const COMMON_FLAGS = {
  json: { about: "print one JSON document on stdout" },
  help: { about: "show this help" },
} as const satisfies FlagTable;

/** Of the verbs that look into a home. */
export const HOME_FLAG = {
  home: { value: "<folder>", about: "the kernel's folder; ASTRID_NATIVE_HOME, ~/.astrid-native" },
} as const satisfies FlagTable;

/** A command line's flags and other words, checked against a table. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];

  constructor(values: ReadonlyMap<string, readonly string[]>, words: readonly string[]) {
    this.#values = values;
    this.words = words;
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of a flag. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** All values of a repeatable flag, in order. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The number a flag says in place of a limit. Fails with `ASTRID_USAGE`: digits, in range. */
  number(flag: string, name: AdjustableLimitName): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    const { min, max, unit } = limitRow(name);
    if (!/^[0-9]{1,16}$/.test(text) || !isWithinLimit(name, Number(text))) {
      const range = `a whole number from ${min} to ${max}`;
      fail("ASTRID_USAGE", `--${flag} must be ${range} (${unit}), not ${JSON.stringify(text)}`);
    }
    return Number(text);
  }
}

/** A limit's range and default, for the help. */
export function range(name: AdjustableLimitName): string {
  const { min, max, value } = limitRow(name);
  return `${min} to ${max}, else ${value}`;
}

/** Reads a verb's arguments. Fails with `ASTRID_USAGE`, naming the nearest known flag. */
export function parseFlags(argv: readonly string[], table: FlagTable): Arguments {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, readonly string[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (flag === undefined) unknownFlag(token.rawName, token.name, table);
    const value = checkValue(token, flag);
    const earlier = values.get(token.name) ?? [];
    if (earlier.length > 0 && flag.value !== undefined && flag.isRepeatable !== true) {
      fail("ASTRID_USAGE", `${token.rawName} was given twice`);
    }
    values.set(token.name, [...earlier, value]);
  }
  return new Arguments(values, words);
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function checkValue({ rawName, value, inlineValue }: OptionToken, flag: Flag): string {
  if (flag.value === undefined) {
    if (value !== undefined) fail("ASTRID_USAGE", `${rawName} takes no value`);
    return "";
  }
  if (value === undefined || value === "") {
    fail("ASTRID_USAGE", `${rawName} needs a value: ${rawName} ${flag.value}`);
  }
  if (flag.isText !== true && /\p{Cc}/u.test(value)) {
    fail("ASTRID_USAGE", `${rawName} can't have control characters: ${JSON.stringify(value)}`);
  }
  if (value.startsWith("--") && inlineValue !== true) {
    fail("ASTRID_USAGE", `${rawName} needs a value, but ${value} follows`, {
      hints: [`write ${rawName}=${value} if that is the value`],
    });
  }
  return value;
}

function unknownFlag(rawName: string, name: string, table: FlagTable): never {
  const meant = nearest(name, Object.keys(table));
  fail("ASTRID_USAGE", `unknown flag ${rawName}`, {
    hints: meant === undefined ? [] : [`did you mean --${meant}?`],
  });
}
