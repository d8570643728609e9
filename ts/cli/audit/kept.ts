import { resolve } from "node:path";

import { type Kept, keptOf } from "../../audit/notes-file.js";
import type { ErrorCode } from "../../base/errors.js";
import { readRegular } from "../../base/files.js";
import { type LimitName, limit } from "../../base/limits.js";
import type { Context } from "../context.js";
import type { Arguments } from "../flags.js";

/** The checkpoints that `--against` names. Fails with `ASTRID_NOT_FOUND`, `ASTRID_AUDIT_NOTE`. */
export async function keptFlag(context: Context, args: Arguments): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const name of args.texts("against")) {
    kept.push(keptOf(await readKept(context, name, "audit-note-bytes")));
  }
  return kept;
}

/** A file that a person kept, of at most `bound` bytes. Fails with `ASTRID_NOT_FOUND`. */
export async function readKept(
  { powers }: Context,
  name: string,
  bound: LimitName,
): Promise<Uint8Array> {
  const { files, host } = powers;
  const path = resolve(host.workingFolder(), name);
  const real = await files.realpath(path).catch(() => path);
  const code: ErrorCode = "ASTRID_NOT_FOUND";
  return readRegular(files, real, { what: JSON.stringify(name), code, bytesMax: limit(bound) });
}
