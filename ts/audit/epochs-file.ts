import { createPrivate } from "../base/atomic.js";
import { fail } from "../base/errors.js";
import { readRegular } from "../base/files.js";
import { limit } from "../base/limits.js";
import {
  type Certificate,
  formatCertificate,
  formatRoots,
  parseCertificate,
  parseRoots,
  type Roots,
} from "./certificate.js";
import { completeLines } from "./chain.js";
import { fromUtf8 } from "./encoding.js";
import type { KeyPowers } from "./key-files.js";

/** More than two of the longest lines. */
const WINDOW_BYTES = 2048;

/** What its first and last line say, as form alone: nothing is verified. */
export interface Ends {
  readonly roots: Roots;
  /** None in epoch 1. */
  readonly last: Certificate | undefined;
}

/** The file `epochs` beside a log: who signs it, a line each. */
export class EpochsFile {
  readonly #powers: Pick<KeyPowers, "files" | "random">;
  readonly #path: string;

  constructor(powers: Pick<KeyPowers, "files" | "random">, path: string) {
    this.#powers = powers;
    this.#path = path;
  }

  /** Makes the file unless there is one. */
  async create(roots: Roots): Promise<void> {
    await createPrivate(this.#powers, this.#path, `${formatRoots(roots)}\n`);
  }

  /** The whole text, or none if there is no file. Fails with `ASTRID_AUDIT_NOTE`. */
  async read(): Promise<string | undefined> {
    if (!(await this.#isThere())) return undefined;
    const bytes = await readRegular(this.#powers.files, this.#path, {
      what: "the file epochs",
      code: "ASTRID_AUDIT_NOTE",
      bytesMax: limit("audit-epochs-bytes"),
    });
    return fromUtf8(bytes) ?? fail("ASTRID_AUDIT_NOTE", "the file epochs is no text");
  }

  /** Its ends, however long it is; none if there is no file. Fails with `ASTRID_AUDIT_NOTE`. */
  async ends(): Promise<Ends | undefined> {
    if (!(await this.#isThere())) return undefined;
    await using handle = await this.#powers.files.open(this.#path, "r");
    const { size } = await handle.stat();
    const [first = ""] = completeLines(await readAt(handle, 0));
    // From a place inside, the first piece may be the end of a line.
    const from = Math.max(0, size - WINDOW_BYTES);
    const last = completeLines(await readAt(handle, from)).at(-1) ?? "";
    const roots = parseRoots(first);
    return { roots, last: last === first ? undefined : parseCertificate(last) };
  }

  /** Appends a line; it is on disk when this resolves. */
  async append(certificate: Certificate): Promise<void> {
    // Appending in one write keeps the lines of several processes whole.
    await using handle = await this.#powers.files.open(this.#path, "a+");
    const { size } = await handle.stat();
    const from = Math.max(0, size - WINDOW_BYTES);
    const end = from + (await readAt(handle, from)).lastIndexOf("\n") + 1;
    // A crash may have left a line without its end.
    if (end < size) await handle.truncate(end);
    await handle.writeFile(`${formatCertificate(certificate)}\n`);
    await handle.sync();
  }

  async #isThere(): Promise<boolean> {
    return this.#powers.files.lstat(this.#path).then(
      () => true,
      () => false,
    );
  }
}

type Handle = Awaited<ReturnType<KeyPowers["files"]["open"]>>;

async function readAt(handle: Handle, position: number): Promise<string> {
  const buffer = new Uint8Array(WINDOW_BYTES);
  let length = 0;
  for (;;) {
    const at = position + length;
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, at);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) break;
  }
  return Buffer.from(buffer.subarray(0, length)).toString("latin1");
}
