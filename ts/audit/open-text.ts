// Reads a record's arguments again: opens what was kept and checks it against the commitment.
import { resolve } from "node:path";

import sodium from "libsodium-wrappers";

import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeLog } from "../native/log.js";
import { unseal, useTextKey } from "./text-key.js";

/** What there is of a record's arguments. */
export type OpenedText =
  | {
      /** It has none; they weren't kept; were forgotten; the key that opens them is not here. */
      readonly state: "nothing" | "not-kept" | "forgotten" | "no-key";
    }
  | {
      /** They are what the record committed to. */
      readonly state: "matches";
      /** With it, who knows the arguments can compute the commitment. Hexadecimal. */
      readonly salt: string;
      readonly arguments: readonly Uint8Array[];
    };

/**
 * Opens the arguments of a record with the secret key in a file.
 *
 * Fails with `ASTRID_AUDIT_TEXT` when they can't be opened or aren't what the record committed to,
 * `ASTRID_AUDIT_KEY`, `ASTRID_NOT_FOUND` (no such record, or its body was pruned).
 */
export async function openText(
  { files }: Pick<Powers, "files">,
  native: Pick<NativeLog, "kept" | "commits">,
  { sequence, keyFile }: { readonly sequence: bigint; readonly keyFile: string },
): Promise<OpenedText> {
  const { state, salt, sealed } = await asking(() => native.kept(sequence));
  if (state === "nothing" || state === "forgotten") return { state };
  if (salt === undefined || sealed === undefined) return { state: "not-kept" };
  await sodium.ready;
  const opened = await useTextKey(files, resolve(keyFile), (secret) => ({
    framed: unseal(sealed, secret),
  }));
  if (opened === undefined) return { state: "no-key" };
  const { framed } = opened;
  const text = `the text of record ${sequence}`;
  if (framed === undefined) {
    fail("ASTRID_AUDIT_TEXT", `${text} does not open: it was changed, or is for another key`);
  }
  const isSame = await asking(() => native.commits(sequence, framed));
  const parts = isSame ? unframe(framed) : undefined;
  if (parts === undefined) fail("ASTRID_AUDIT_TEXT", `${text} is not what it committed to`);
  return { state: "matches", salt, arguments: parts };
}

/** The arguments in their framed form, each after its length in 64 bits; none if it isn't one. */
function unframe(framed: Uint8Array): readonly Uint8Array[] | undefined {
  const view = new DataView(framed.buffer, framed.byteOffset, framed.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < framed.length) {
    if (at + 8 > framed.length) return undefined;
    const end = at + 8 + Number(view.getBigUint64(at, true));
    if (end > framed.length) return undefined;
    parts.push(framed.subarray(at + 8, end));
    at = end;
  }
  return parts;
}
