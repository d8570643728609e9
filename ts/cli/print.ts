import { escapeText } from "../base/escape.js";
import type { Terminal } from "../base/powers.js";

/** How a piece of text for people looks on a terminal. */
export type Style = "plain" | "bold" | "dim" | "red" | "yellow";

const SEQUENCES: Readonly<Record<Style, string>> = {
  plain: "",
  bold: "\u001b[1m",
  dim: "\u001b[2m",
  red: "\u001b[31m",
  yellow: "\u001b[33m",
};
const RESET = "\u001b[0m";

/** What a printer needs to know of its surroundings. */
export interface PrinterOptions {
  readonly terminal: Pick<Terminal, "stdout" | "stderr">;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The only place that prints. What is for people is escaped here, whoever wrote it. */
export class Printer {
  readonly #terminal: PrinterOptions["terminal"];
  readonly #hasColor: boolean;

  constructor({ terminal, environment }: PrinterOptions) {
    this.#terminal = terminal;
    const noColor = environment["NO_COLOR"] ?? "";
    this.#hasColor =
      terminal.stderr.isTTY === true && noColor === "" && environment["TERM"] !== "dumb";
    for (const stream of [terminal.stdout, terminal.stderr]) {
      // A reader that has seen enough (`| head`) is no failure of ours.
      stream.on("error", () => undefined);
    }
  }

  /** Lines for people on stderr, at most 64 KiB; line feeds stay. */
  note(text: string, style: Style = "plain"): void {
    const safe = escapeText(text, { keepLines: true, lengthMax: NOTE_LENGTH_MAX });
    const painted =
      this.#hasColor && style !== "plain" ? `${SEQUENCES[style]}${safe}${RESET}` : safe;
    this.#terminal.stderr.write(`${painted}\n`);
  }

  /** One line for people on stderr, whatever is in it. */
  line(text: string, style: Style = "plain"): void {
    this.note(escapeText(text, { lengthMax: NOTE_LENGTH_MAX }), style);
  }

  /** A message on stderr, first line first; only an excerpt of a source makes more lines. */
  message(text: string, code: string): void {
    const [first = "", ...excerpt] = text.split(BEFORE_EXCERPT);
    this.line(`${first} [${code}]`, "red");
    for (const line of excerpt) this.line(line);
  }

  /** A question on stderr; the answer is typed behind it. */
  question(text: string): void {
    this.#terminal.stderr.write(`${escapeText(text)} `);
  }

  /** What a verb was asked for, in words for people, on stdout. */
  report(text: string): void {
    const safe = escapeText(text, { keepLines: true, lengthMax: REPORT_LENGTH_MAX });
    this.#terminal.stdout.write(`${safe}\n`);
  }

  /** One line of such a report, whatever is in it. */
  row(text: string): void {
    this.report(escapeText(text, { lengthMax: NOTE_LENGTH_MAX }));
  }

  /** A JSON text on stdout: as it is into a pipe or when `isRaw`, escaped on a terminal. */
  json(text: string, isRaw = false): void {
    const isTerminal = this.#terminal.stdout.isTTY === true;
    this.#terminal.stdout.write(`${isTerminal && !isRaw ? escapeJson(text) : text}\n`);
  }

  /** Text of whole lines on stdout for a file: as it is into a pipe, escaped on a terminal. */
  document(text: string): void {
    const isTerminal = this.#terminal.stdout.isTTY === true;
    const lengthMax = text.length * ESCAPED_LENGTH_MAX;
    const safe = isTerminal ? escapeText(text, { keepLines: true, lengthMax }) : text;
    this.#terminal.stdout.write(safe);
  }

  /** Resolves when stdout takes more: whether anybody still reads it. */
  async drained(): Promise<boolean> {
    const { stdout } = this.#terminal;
    if (stdout.writableNeedDrain && !stdout.destroyed) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          stdout.off("drain", go).off("close", go);
          resolve();
        };
        stdout.on("drain", go).on("close", go);
      });
    }
    return !stdout.destroyed;
  }
}

/** Longest escape of one character: `\u{10ffff}`. */
const ESCAPED_LENGTH_MAX = 10;

/** The gutter of an excerpt's line: nobody mistakes what stands behind one for a line of ours. */
const BEFORE_EXCERPT = /\n(?= {2}[\d ]+ \| )/;

const NOTE_LENGTH_MAX = 64 * 1024;
const REPORT_LENGTH_MAX = 1024 * 1024;

/** The same JSON value, in a text that no terminal acts on. */
export function escapeJson(text: string): string {
  return text.replace(/[^\n -~]/gu, (character) =>
    escapeText(character) === character ? character : jsonEscape(character),
  );
}

function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
