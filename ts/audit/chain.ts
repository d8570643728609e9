import { fail } from "../base/errors.js";
import {
  type Certificate,
  fingerprintOf,
  formatCertificate,
  formatRoots,
  isCertifiedBy,
  parseCertificate,
  parseRoots,
  type Roots,
} from "./certificate.js";
import { type Checkpoint, epochName, logName, type Tree } from "./checkpoint.js";
import { equal } from "./encoding.js";
import { isNoteSignedBy } from "./note.js";

/** Who may sign a log: its key, and the key of each epoch through the one before. */
export class KeyChain {
  readonly roots: Roots;
  readonly #epochKeys: Uint8Array[];
  readonly #certificates: Certificate[] = [];

  /** Reads the text of `epochs`, as the functions beside do. */
  constructor(text: string) {
    const [first = "", ...lines] = completeLines(text);
    this.roots = parseRoots(first);
    this.#epochKeys = [this.roots.firstEpochKey];
    for (const line of lines) this.#add(parseCertificate(line));
  }

  get fingerprint(): string {
    return fingerprintOf(this.roots);
  }

  /** What the log was when each epoch ended, in order. */
  get closings(): readonly Tree[] {
    return this.#certificates.map(({ closing }) => closing);
  }

  /** The lines that lead to the key of an epoch. */
  linesTo(epoch: number): string[] {
    const needed = this.#certificates.filter((certificate) => certificate.epoch <= epoch);
    return [formatRoots(this.roots), ...needed.map(formatCertificate)];
  }

  /**
   * The epoch whose key signed a checkpoint beside the log's key. Fails with
   * `ASTRID_AUDIT_SIGNATURE` if it is of another log, or one of the two is missing or wrong.
   */
  epochOf({ name, size, note }: Checkpoint): number {
    const { origin, logKey } = this.roots;
    const what = `the checkpoint of ${size} records`;
    if (name !== logName(origin)) {
      fail("ASTRID_AUDIT_SIGNATURE", `${what} is of another log, ${name}`);
    }
    if (!isNoteSignedBy(note, { name, publicKey: logKey })) {
      fail("ASTRID_AUDIT_SIGNATURE", `${what} is not signed by the log's key`);
    }
    const signed = note.signatures
      .flatMap((line) => this.#epochNamed(line.name))
      .find((epoch) => {
        const publicKey = this.#epochKeys[epoch - 1];
        const key = publicKey && { name: epochName(origin, epoch), publicKey };
        return key !== undefined && isNoteSignedBy(note, key);
      });
    return signed ?? fail("ASTRID_AUDIT_SIGNATURE", `${what} is not signed by an epoch's key`);
  }

  #epochNamed(name: string): number[] {
    const [, digits] = /\/epoch\/([1-9][0-9]{0,9})$/.exec(name) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  }

  /** Two processes may close one epoch: then they name the same next key. */
  #add(certificate: Certificate): void {
    const { epoch, publicKey } = certificate;
    const before = this.#epochKeys[epoch - 2];
    const known = this.#epochKeys[epoch - 1];
    const isNext = epoch === this.#epochKeys.length + 1;
    const isAgain = known !== undefined && equal(known, publicKey);
    const what = `the certificate of epoch ${epoch}`;
    if (before === undefined || !(isNext || isAgain)) {
      fail("ASTRID_AUDIT_SIGNATURE", `${what} is out of order`);
    }
    if (!isCertifiedBy(this.roots.origin, certificate, before)) {
      fail("ASTRID_AUDIT_SIGNATURE", `${what} is not signed by the key of epoch ${epoch - 1}`);
    }
    if (isNext) this.#epochKeys.push(publicKey);
    this.#certificates.push(certificate);
  }
}

/** The lines of a file that lines are appended to: what has no line feed yet is not there yet. */
export function completeLines(text: string): string[] {
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);
}
