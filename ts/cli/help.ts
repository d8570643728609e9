import type { Verb } from "./context.js";
import { COMMON_FLAGS, type FlagTable } from "./flags.js";

/** The program's name as it is typed. */
export const PROGRAM = "astrid-native";

const EXIT_CODES = `exit codes:
  0 done              4 a limit stopped it (fuel, deadline, memory, stack)
  1 guest error       5 trap
  2 usage             6 refused to load
  3 denied, revoked   7 audit or integrity failure
  70 internal error   130 cancelled`;

/** The help of the program. */
export function programHelp(verbs: readonly Verb[]): string {
  const rows = verbs.map(
    ({ name, operand, about }) => [`${name} ${operand}`.trim(), about] as const,
  );
  const examples = verbs.flatMap((verb) => verb.examples.slice(0, 1));
  return `${PROGRAM}: runs agents and their tools as capsules with granted, metered, recorded rights

usage: ${PROGRAM} <verb> …

verbs:
${table(rows)}

flags:
${table([
  ["--help", "show this help, or that of a verb"],
  ["--version", "show the version"],
])}

examples:
${indent(examples)}

${EXIT_CODES}`;
}

/** The help of one verb. */
export function verbHelp({ name, operand, about, details, flags, examples }: Verb): string {
  const detailed = details.length === 0 ? "" : `\n${details.join("\n")}\n`;
  return `usage: ${`${PROGRAM} ${name} ${operand}`.trim()} [flags]

${about}
${detailed}
flags:
${table(flagRows(flags))}

examples:
${indent(examples)}

${EXIT_CODES}`;
}

function flagRows(flags: FlagTable): readonly (readonly [string, string])[] {
  const all: FlagTable = { ...flags, ...COMMON_FLAGS };
  return Object.entries(all).map(([name, { value, about }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    about,
  ]);
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
