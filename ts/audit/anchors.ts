// What was kept elsewhere of a log: notes, or the one line that `run` ends with.
import { fail } from "../base/errors.js";
import { HASH_BYTES, type Tree } from "./checkpoint.js";
import { fromDecimal, fromHexOf, fromUtf8, toHex } from "./encoding.js";
import { type Kept, keptOf, splitNotes } from "./notes-file.js";

/** A tree that was kept, as a signed note or as words that only their place vouches for. */
export type Anchor = Kept | Tree;

const LINE = /^log: (\d{1,3}(?:,\d{3}){0,6}) records?, root ([0-9a-f]{64})\r?$/gm;
const SHORT = /^(\d{1,20}):([0-9a-f]{64})$/;

/** Whether a note was kept, whose signatures count as well. */
export function isSigned(anchor: Anchor): anchor is Kept {
  return "note" in anchor;
}

/** Size and root on one line, for people and for logs of other programs. */
export function logLine({ size, root }: Tree): string {
  const digits = String(size).replace(/\B(?=(?:\d{3})+$)/g, ",");
  return `log: ${digits} record${size === 1n ? "" : "s"}, root ${toHex(root)}`;
}

/** `<size>:<root in hexadecimal>`; none for anything else. */
export function shortAnchor(text: string): Anchor | undefined {
  const [, size = "", root = ""] = SHORT.exec(text) ?? [];
  return treeOf(size, root);
}

/**
 * What a file holds: the lines of `run` if it has any, else notes. Notes of other logs than `name`
 * are passed over if there are several. Fails with `ASTRID_AUDIT_NOTE`.
 */
export function parseAnchors(bytes: Uint8Array, name: string): Anchor[] {
  const text = fromUtf8(bytes) ?? fail("ASTRID_AUDIT_NOTE", "a kept file that is no text");
  const lines = [...text.matchAll(LINE)].map(([, size = "", root = ""]) => {
    const tree = treeOf(size.replaceAll(",", ""), root);
    return tree ?? fail("ASTRID_AUDIT_NOTE", `a size of no log: ${size}`);
  });
  if (lines.length > 0) return lines;
  const notes = splitNotes(Buffer.from(bytes)).map(keptOf);
  const ours = notes.filter((note) => note.name === name);
  return ours.length > 0 ? ours : notes;
}

function treeOf(digits: string, hex: string): Tree | undefined {
  const [size, root] = [fromDecimal(digits), fromHexOf(hex, HASH_BYTES)];
  return size === undefined || root === undefined ? undefined : { size, root };
}
