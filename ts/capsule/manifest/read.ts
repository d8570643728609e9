import { join } from "node:path";

import { fail } from "../../base/errors.js";
import { type ReadFiles, readRegular } from "../../base/files.js";
import { limit } from "../../base/limits.js";
import { parseManifest } from "./parse.js";
import type { Manifest } from "./schema.js";

/** The manifest's name in a capsule's folder. */
export const MANIFEST_NAME = "Capsule.toml";

/** A manifest and the text it came from. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly text: string;
}

/** Reads and checks the manifest in `folder`. Fails with `ASTRID_MANIFEST`. */
export async function readManifest(files: ReadFiles, folder: string): Promise<ReadManifest> {
  const bytes = await readRegular(files, join(folder, MANIFEST_NAME), {
    what: MANIFEST_NAME,
    code: "ASTRID_MANIFEST",
    bytesMax: limit("manifest-bytes"),
  });
  const text = decode(bytes);
  return { manifest: parseManifest(text, MANIFEST_NAME), text };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return fail("ASTRID_MANIFEST", `${MANIFEST_NAME} is not UTF-8`, { cause });
  }
}
