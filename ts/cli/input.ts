import { resolve } from "node:path";

import { AstridError, fail } from "../base/errors.js";
import { type Json, parseJson } from "../base/json.js";
import { limit } from "../base/limits.js";
import { readRegular } from "../capsule/files.js";
import type { Context } from "./context.js";

/**
 * The document that `--input` names: JSON, `@file`, or `-` for standard input; `null` without it.
 *
 * Fails with `ASTRID_INPUT`, or `ASTRID_CANCELLED` while it waits for standard input.
 */
export async function readInput(context: Context, text: string | undefined): Promise<Json> {
  if (text === undefined) return null;
  if (text === "-") return parseJson(await readStdin(context), { what: "standard input" });
  if (!text.startsWith("@")) return parseJson(text, { what: "--input" });
  const name = text.slice(1);
  const { files, host } = context.powers;
  const path = resolve(host.workingFolder(), name);
  const real = await files.realpath(path).catch(() => path);
  const bytes = await readRegular(files, real, {
    what: `the input file ${JSON.stringify(name)}`,
    code: "ASTRID_INPUT",
    bytesMax: limit("payload-bytes"),
  });
  return parseJson(bytes, { what: `the input file ${JSON.stringify(name)}` });
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
