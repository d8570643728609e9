import { resolve } from "node:path";

import { AstridError, fail } from "../base/errors.js";
import { readRegular } from "../base/files.js";
import { type Json, parseJson } from "../base/json.js";
import { limit } from "../base/limits.js";
import type { Context } from "./context.js";

/**
 * The document that `--input` names: JSON, `@file`, or `-` for standard input; `null` without it.
 *
 * Fails with `ASTRID_INPUT`, or `ASTRID_CANCELLED` while it waits for standard input.
 */
export async function readInput(context: Context, text: string | undefined): Promise<Json> {
  if (text === undefined) return null;
  if (text === "-") return parseJson(await readStdin(context), { what: "standard input" });
  if (text.startsWith("@")) return readFileInput(context, text.slice(1));
  try {
    return parseJson(text, { what: "--input" });
  } catch (caught) {
    const { code, message } = caught as AstridError;
    throw new AstridError(code, message, { hints: [EXAMPLE], cause: caught });
  }
}

const EXAMPLE = `write --input '{"pattern":"TODO"}', or --input @file.json`;

async function readFileInput({ powers }: Context, name: string): Promise<Json> {
  const { files, host } = powers;
  const what = `the input file ${JSON.stringify(name)}`;
  const path = await files.realpath(resolve(host.workingFolder(), name)).catch((cause) =>
    fail("ASTRID_INPUT", `${what} is missing or can't be reached`, {
      hints: ["name an existing file"],
      cause,
    }),
  );
  const bytesMax = limit("payload-bytes");
  const bytes = await readRegular(files, path, { what, code: "ASTRID_INPUT", bytesMax });
  return parseJson(bytes, { what });
}

async function readStdin({ powers, print, signal }: Context): Promise<Uint8Array> {
  const { stdin } = powers.terminal;
  if (stdin.isTTY === true) print.line("reading JSON from the terminal; Ctrl-D ends it", "dim");
  const cancel = (): void => void stdin.destroy(new AstridError("ASTRID_CANCELLED", "interrupted"));
  signal.addEventListener("abort", cancel);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit("payload-bytes")) {
        fail("ASTRID_INPUT", `standard input has more than ${limit("payload-bytes")} bytes`, {
          limit: "payload-bytes",
        });
      }
    }
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
