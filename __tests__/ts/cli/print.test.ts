import { PassThrough } from "node:stream";

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import { escapeJson, Printer } from "../../../ts/cli/print.js";

interface Written {
  readonly print: Printer;
  out(): string;
  err(): string;
}

function printer(isTTY: boolean, environment: Record<string, string> = {}): Written {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = {
    stdout: Object.assign(stdout, { isTTY }) as unknown as NodeJS.WriteStream,
    stderr: Object.assign(stderr, { isTTY }) as unknown as NodeJS.WriteStream,
  };
  const text = (stream: PassThrough): string => String(stream.read() ?? "");
  return {
    print: new Printer({ terminal, environment }),
    out: () => text(stdout),
    err: () => text(stderr),
  };
}

describe("results", () => {
  const result = JSON.stringify({ text: "\u001b]52;c;aGk=\u0007 \u202eabc \u{e0041} ok é\u009b" });

  test("are escaped on a terminal and stay the same JSON value", () => {
    const { print, out } = printer(true);
    print.json(result);
    const shown = out();
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\u{e0041}/u);
    expect(shown).toContain("é");
    expect(JSON.parse(shown)).toEqual(JSON.parse(result));
  });

  test("are raw into a pipe, and on a terminal when asked for", () => {
    const pipe = printer(false);
    pipe.print.json(result);
    expect(pipe.out()).toBe(`${result}\n`);
    const terminal = printer(true);
    terminal.print.json(result, true);
    expect(terminal.out()).toBe(`${result}\n`);
  });

  test("of any kind survive the escaping", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(escapeJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe("lines for people", () => {
  test("are one line each, whatever is in them", () => {
    const { print, err } = printer(false);
    print.line("a\nrefused 1: forged\r\u001b[2K");
    expect(err().split("\n")).toHaveLength(2);
  });

  test("have colour on a terminal alone, and not where NO_COLOR or TERM forbids it", () => {
    const colored = (isTTY: boolean, environment: Record<string, string>): boolean => {
      const { print, err } = printer(isTTY, environment);
      print.line("x", "red");
      return err().includes("\u001b[31m");
    };
    expect(colored(true, {})).toBe(true);
    expect(colored(true, { NO_COLOR: "" })).toBe(true);
    expect(colored(true, { NO_COLOR: "1" })).toBe(false);
    expect(colored(true, { TERM: "dumb" })).toBe(false);
    expect(colored(false, {})).toBe(false);
  });
});
