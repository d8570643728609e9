import { basename } from "node:path";

import type { Native } from "../native.js";
import type { Source } from "./source.js";

/** A capsule's name and who vouches for it. */
export interface Identity {
  readonly name: string;
  /** `shipped`, `folder-…` or `digest-…`. */
  readonly source: string;
}

const DIGITS = 16;
const NAME_LENGTH_MAX = 64;

/**
 * Who a capsule from a folder is. The name of a shipped one is its folder's: another name in its
 * manifest makes it a local folder like any other.
 */
export function folderIdentity(
  native: Pick<Native, "digest">,
  source: Extract<Source, { kind: "folder" }>,
  name: string,
): Identity {
  if (source.isShipped && basename(source.folder) === name) return { name, source: "shipped" };
  const path = native.digest(Buffer.from(source.folder));
  return { name, source: `folder-${path.slice(0, DIGITS)}` };
}

/** Who a bare component is: its digest, with the stem of its file's name for people to read. */
export function fileIdentity(digest: string, file: string): Identity {
  const stem = basename(file)
    .replace(/\.wasm$/, "")
    .toLowerCase();
  const plain = stem.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const name = plain.slice(0, NAME_LENGTH_MAX) || "component";
  return { name, source: `digest-${digest.slice(0, DIGITS)}` };
}
