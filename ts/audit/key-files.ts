// The secrets of a log: one file each, read for each use and wiped after it.
import { join } from "node:path";

import { createPrivate, syncFolder } from "../base/atomic.js";
import { fail } from "../base/errors.js";
import { readRegular } from "../base/files.js";
import type { Powers } from "../base/powers.js";
import { type KeyPair, pairOf, SEED_BYTES, wipe } from "./ed25519.js";

/** What keeping keys takes. */
export type KeyPowers = Pick<Powers, "files" | "random" | "clock">;

/** Which key: the log's own, or an epoch's by its number. */
export type KeyName = "log" | number;

/** A pair in use. */
export interface UsedKey extends KeyPair {
  /** When it was made, in milliseconds since 1970. */
  readonly madeMs: number;
}

const MAGIC = "ASTRKEY\n";
const VERSION = 1;
const SEED_AT = 24;
const FILE_BYTES = SEED_AT + SEED_BYTES;
const OTHERS = 0o077;
const EPOCH_FILE = /^epoch-([0-9]{8,10})$/;

/** The folder of a log's secrets; made with its first key. */
export class KeyFiles {
  readonly #powers: KeyPowers;
  readonly #folder: string;

  constructor(powers: KeyPowers, folder: string) {
    this.#powers = powers;
    this.#folder = folder;
  }

  /** Makes a key unless there is one; whether it did. The file is whole and on disk. */
  async create(name: KeyName): Promise<boolean> {
    const { clock, random } = this.#powers;
    const seed = random.bytes(SEED_BYTES);
    const file = Buffer.alloc(FILE_BYTES);
    try {
      file.write(MAGIC, "latin1");
      file.writeUInt32LE(VERSION, 8);
      file.writeUInt32LE(numberOf(name), 12);
      file.writeBigUInt64LE(BigInt(Math.trunc(clock.wallMs())), 16);
      file.set(seed, SEED_AT);
      return await createPrivate(this.#powers, this.#path(name), file);
    } finally {
      wipe(seed);
      wipe(file);
    }
  }

  /**
   * What `act` makes of a key, or none if there is no such key; it is wiped when `act` is done.
   * Fails with `ASTRID_AUDIT_KEY`.
   */
  async use<T>(name: KeyName, act: (key: UsedKey) => T | Promise<T>): Promise<T | undefined> {
    const file = await this.#read(name);
    if (file === undefined) return undefined;
    const view = Buffer.from(file.buffer, file.byteOffset, file.length);
    let pair: KeyPair | undefined;
    try {
      const isKey =
        file.length === FILE_BYTES &&
        view.toString("latin1", 0, 8) === MAGIC &&
        view.readUInt32LE(8) === VERSION &&
        view.readUInt32LE(12) === numberOf(name);
      if (!isKey) fail("ASTRID_AUDIT_KEY", `the file of key ${name} holds no such key`);
      pair = pairOf(file.subarray(SEED_AT));
      return await act({ ...pair, madeMs: Number(view.readBigUInt64LE(16)) });
    } finally {
      wipe(file);
      if (pair !== undefined) wipe(pair.privateKey);
    }
  }

  /** Whether there is a key of an epoch after this one. */
  async hasEpochAfter(epoch: number): Promise<boolean> {
    return (await this.#epochs()).some((number) => number > epoch);
  }

  /** Overwrites and removes all keys of epochs before this one. */
  async destroyBefore(epoch: number): Promise<void> {
    const old = (await this.#epochs()).filter((number) => number < epoch);
    for (const number of old) await this.#destroy(this.#path(number));
    if (old.length > 0) await syncFolder(this.#powers.files, this.#folder);
  }

  async #epochs(): Promise<number[]> {
    const names = await this.#powers.files.readdir(this.#folder).catch(() => []);
    return names.flatMap((name) => {
      const [, digits] = EPOCH_FILE.exec(name) ?? [];
      return digits === undefined ? [] : [Number(digits)];
    });
  }

  async #destroy(path: string): Promise<void> {
    const { files } = this.#powers;
    try {
      await using handle = await files.open(path, "r+");
      await handle.write(new Uint8Array(FILE_BYTES), 0, FILE_BYTES, 0);
      await handle.sync();
    } catch (error) {
      // Another process of this home was faster.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    await files.rm(path, { force: true });
  }

  async #read(name: KeyName): Promise<Uint8Array | undefined> {
    const { files } = this.#powers;
    const path = this.#path(name);
    for (const looked of [this.#folder, path]) {
      const found = await files.lstat(looked).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        return fail("ASTRID_AUDIT_KEY", `key ${name} can't be read (${error.code})`);
      });
      if (found === undefined) return undefined;
      if ((found.mode & OTHERS) !== 0) {
        fail("ASTRID_AUDIT_KEY", `${looked} is open to other users`, {
          hints: [`if nobody read it: chmod go= ${looked}`],
        });
      }
    }
    const bounds = { what: `key ${name}`, code: "ASTRID_AUDIT_KEY", bytesMax: FILE_BYTES } as const;
    return readRegular(files, path, bounds);
  }

  #path(name: KeyName): string {
    const file = name === "log" ? name : `epoch-${String(name).padStart(8, "0")}`;
    return join(this.#folder, file);
  }
}

function numberOf(name: KeyName): number {
  return name === "log" ? 0 : name;
}
