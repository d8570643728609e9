import { resolve } from "node:path";

import { type Anchor, parseAnchors, shortAnchor } from "../../audit/anchors.js";
import { logName } from "../../audit/checkpoint.js";
import type { OpenLog } from "../../audit/open-log.js";
import type { ErrorCode } from "../../base/errors.js";
import { readRegular } from "../../base/files.js";
import { type LimitName, limit } from "../../base/limits.js";
import type { Context } from "../context.js";
import type { Arguments } from "../flags.js";

/** What `--against` names of a log. Fails with `ASTRID_NOT_FOUND`, `ASTRID_AUDIT_NOTE`. */
export async function keptFlag(
  context: Context,
  args: Arguments,
  { native }: OpenLog,
): Promise<Anchor[]> {
  const kept: Anchor[] = [];
  for (const text of args.texts("against")) {
    const short = shortAnchor(text);
    if (short !== undefined) kept.push(short);
    else {
      const bytes = await readKept(context, text, "audit-kept-bytes");
      kept.push(...parseAnchors(bytes, logName(native.origin())));
    }
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
