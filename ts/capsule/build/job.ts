import { parseJson } from "../../base/json.js";
import type { InterfaceName } from "../grants.js";

/** What the parent writes to `job.json` for one build process; all folders are real paths. */
export interface Job {
  /** The capsule's folder. */
  readonly capsuleFolder: string;
  /** The entry file, relative to the capsule's folder. */
  readonly source: string;
  readonly packageFolder: string;
  readonly sdkFolder: string;
  /** Folders of the packages that the sdk's Web globals come from. */
  readonly polyfillFolders: readonly string[];
  readonly interfaces: readonly InterfaceName[];
  readonly worldWit: string;
  readonly bounds: Bounds;
}

/** What one build process may take. */
export interface Bounds {
  /** Wall time, in milliseconds; CPU time follows from it. */
  readonly deadlineMs: number;
  /** All that it may write to, in MiB. */
  readonly memoryMib: number;
}

/** A file that decided what was built: the hash of its bytes, or `null` where none may appear. */
export interface InputFile {
  /** A real path. */
  readonly path: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string | null;
}

/** Why a build failed, for the author of the capsule. */
export interface Failure {
  readonly message: string;
  readonly hints: readonly string[];
  /** Whether memory was short. */
  readonly isMemory: boolean;
}

/** What one build process writes to `result.json`; the component is in a file beside it. */
export type Result =
  | {
      readonly ok: true;
      readonly inputs: readonly InputFile[];
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly failure: Failure };

/** Names of the files in the build process's working folder. */
export const JOB_FILE = "job.json";
export const RESULT_FILE = "result.json";
export const COMPONENT_FILE = "component.wasm";

/** Thrown inside the build process to end it with a failure for the author. */
export class BuildFailure extends Error {
  readonly hints: readonly string[];
  /** Whether memory was short. */
  readonly isMemory: boolean;

  constructor(message: string, hints: readonly string[] = [], isMemory = false) {
    super(message);
    this.hints = hints;
    this.isMemory = isMemory;
  }
}

/** What to do about a build that wanted too much memory. */
export const MEMORY_HINT = "a capsule's top-level code runs while it is built: what does it keep?";

/** Source maps and lists of inputs are larger than messages. */
const OURS_BYTES_MAX = 64 * 1024 * 1024;

/** A document that one of our own processes wrote. Fails with `ASTRID_BUILD`. */
export function parseOurs<Document>(text: string | Uint8Array, what: string): Document {
  return parseJson(text, { what, code: "ASTRID_BUILD", bytesMax: OURS_BYTES_MAX }) as Document;
}
