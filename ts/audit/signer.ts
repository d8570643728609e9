import { join } from "node:path";

import { AstridError, fail, isAstridError } from "../base/errors.js";
import { limit } from "../base/limits.js";
import { certify, fingerprintOf, formatCertificate, isEpoch } from "./certificate.js";
import { checkpointText, epochName, logName, type Tree } from "./checkpoint.js";
import { signaturesReady } from "./ed25519.js";
import { equal } from "./encoding.js";
import { type Ends, EpochsFile } from "./epochs-file.js";
import { KeyFiles, type KeyName, type KeyPowers, type UsedKey } from "./key-files.js";
import { signNote } from "./note.js";

/** Where the keys and the log of a home are. */
export function auditFolder(home: string): string {
  return join(home, "audit");
}

export function epochsPath(home: string): string {
  return join(auditFolder(home), "epochs");
}

interface Parts {
  readonly powers: KeyPowers;
  readonly keys: KeyFiles;
  readonly file: EpochsFile;
  readonly ends: Ends;
  readonly isNew: boolean;
}

/** Signs the checkpoints of one log. Several processes of one home may do so side by side. */
export class Signer {
  readonly #powers: KeyPowers;
  readonly #keys: KeyFiles;
  readonly #file: EpochsFile;
  #ends: Ends;
  /** Whether its keys were made when it was opened. */
  readonly isNew: boolean;
  /** Checkpoints that this process signed in the current epoch. */
  #signed = 0;
  #epochMadeMs = 0;

  private constructor(parts: Parts) {
    this.#powers = parts.powers;
    this.#keys = parts.keys;
    this.#file = parts.file;
    this.#ends = parts.ends;
    this.isNew = parts.isNew;
  }

  /**
   * Opens the keys of a home's log; a log that has none yet gets its first. `origin` is the log's,
   * 64 hexadecimal digits.
   *
   * Fails with `ASTRID_AUDIT_KEY`, `ASTRID_AUDIT_NOTE`, `ASTRID_IO`.
   */
  static async open(powers: KeyPowers, home: string, origin: string): Promise<Signer> {
    await signaturesReady();
    const keys = new KeyFiles(powers, join(home, "keys"));
    const file = new EpochsFile(powers, epochsPath(home));
    try {
      const found = await file.ends();
      const ends = found ?? (await begin(keys, file, origin));
      const isNew = found === undefined;
      const signer = new Signer({ powers, keys, file, ends, isNew });
      if (ends.roots.origin !== origin) {
        fail("ASTRID_AUDIT_KEY", "the file epochs is of another log");
      }
      await signer.#useBoth(() => undefined);
      // A crash may have come between the certificate and the end of the key that signed it.
      await keys.destroyBefore(signer.epoch);
      return signer;
    } catch (caught) {
      throw coded(caught);
    }
  }

  get fingerprint(): string {
    return fingerprintOf(this.#ends.roots);
  }

  get origin(): string {
    return this.#ends.roots.origin;
  }

  /** Number of the current epoch, as far as this process knows. */
  get epoch(): number {
    return this.#ends.last?.epoch ?? 1;
  }

  /** A checkpoint by both keys, which are read for it and wiped. Fails with `ASTRID_AUDIT_KEY`. */
  async sign(tree: Tree): Promise<string> {
    const { origin } = this.#ends.roots;
    const note = await this.#useBoth((log, epoch) =>
      signNote(checkpointText(origin, tree), [
        { ...log, name: logName(origin) },
        { ...epoch, name: epochName(origin, this.epoch) },
      ]),
    );
    this.#signed += 1;
    return note;
  }

  /** Whether the epoch has lasted long enough. A clock that went back ends it too. */
  isEpochOver(): boolean {
    const ageMs = this.#powers.clock.wallMs() - this.#epochMadeMs;
    const isOld = ageMs < 0 || ageMs >= limit("audit-epoch-ms");
    return isOld || this.#signed >= limit("audit-epoch-checkpoints");
  }

  /**
   * Begins the next epoch: its key is made, certified by the old one together with `closing`, told
   * to `record`, and only when the certificate is on disk the old key is destroyed. Stopping
   * anywhere is harmless: the next to try goes on with the key that was made.
   */
  async renew(closing: Tree, record: (certificate: string) => Promise<unknown>): Promise<void> {
    try {
      const { epoch } = this;
      await this.#reload();
      // Another process did it.
      if (this.epoch !== epoch) return;
      if (!isEpoch(epoch + 1)) fail("ASTRID_AUDIT_KEY", "there are no more epochs");
      await this.#keys.create(epoch + 1);
      const next = await this.#keys.use(epoch + 1, ({ publicKey }) => publicKey);
      if (next === undefined) return await this.#reload();
      const { origin } = this.#ends.roots;
      const said = { epoch: epoch + 1, publicKey: next, closing };
      const certificate = await this.#use(epoch, (key) => certify(origin, said, key));
      await record(formatCertificate(certificate));
      await this.#file.append(certificate);
      await this.#reload();
      await this.#keys.destroyBefore(this.epoch);
    } catch (caught) {
      throw coded(caught);
    }
  }

  async #reload(): Promise<void> {
    const ends = await this.#file.ends();
    if (ends === undefined) fail("ASTRID_AUDIT_KEY", "the file epochs is gone");
    this.#ends = ends;
    this.#signed = 0;
  }

  /** Uses the log's key and the epoch's, which another process may replace meanwhile. */
  async #useBoth<T>(act: (log: UsedKey, epoch: UsedKey) => T): Promise<T> {
    const attempt = (): Promise<T> =>
      this.#use("log", (log) =>
        this.#use(this.epoch, (epoch) => {
          this.#epochMadeMs = epoch.madeMs;
          return act(log, epoch);
        }),
      );
    const { epoch } = this;
    try {
      return await attempt();
    } catch (error) {
      if (!isAstridError(error) || error.code !== "ASTRID_AUDIT_KEY") throw error;
      await this.#reload();
      if (this.epoch === epoch) throw error;
      return attempt();
    }
  }

  async #use<T>(name: KeyName, act: (key: UsedKey) => T | Promise<T>): Promise<T> {
    const { roots, last } = this.#ends;
    const known = name === "log" ? roots.logKey : (last?.publicKey ?? roots.firstEpochKey);
    const used = await this.#keys.use(name, async (key) => {
      if (!equal(key.publicKey, known)) {
        fail("ASTRID_AUDIT_KEY", `key ${name} is not the one that signs this log`);
      }
      return { made: await act(key) };
    });
    return used === undefined ? fail("ASTRID_AUDIT_KEY", `key ${name} is missing`) : used.made;
  }
}

/** The first keys of a log, as two processes may make them at once. */
async function begin(keys: KeyFiles, file: EpochsFile, origin: string): Promise<Ends> {
  if (await keys.hasEpochAfter(1)) {
    fail("ASTRID_AUDIT_KEY", "the file epochs is gone, though the keys have been renewed");
  }
  const publicKey = async (name: KeyName): Promise<Uint8Array> => {
    await keys.create(name);
    const made = await keys.use(name, (key) => key.publicKey);
    return made ?? fail("ASTRID_AUDIT_KEY", `key ${name} is missing`);
  };
  const roots = {
    origin,
    logKey: await publicKey("log"),
    firstEpochKey: await publicKey(1),
  };
  await file.create(roots);
  return (await file.ends()) ?? fail("ASTRID_AUDIT_KEY", "the file epochs is gone");
}

/** What the system refused, as `ASTRID_IO`; anything else as it is. */
export function coded(caught: unknown): unknown {
  const { code, syscall } = caught as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return caught;
  return new AstridError("ASTRID_IO", `the log's keys: ${syscall} failed (${code})`, {
    cause: caught,
  });
}
