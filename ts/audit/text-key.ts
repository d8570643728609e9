// The pair that kept texts are sealed for. A kernel needs only the public half, which has a file of
// its own, so that the secret one can be kept elsewhere.
import { join } from "node:path";

import sodium from "libsodium-wrappers";

import { createPrivate } from "../base/atomic.js";
import { fail } from "../base/errors.js";
import { readRegular } from "../base/files.js";
import type { Powers } from "../base/powers.js";
import { wipe } from "./ed25519.js";

const VERSION = 1;
const KEY_AT = 12;
const KEY_BYTES = 32;
const FILE_BYTES = KEY_AT + KEY_BYTES;
const SECRET = "ASTRTSK\n";
const PUBLIC = "ASTRTPK\n";
const OTHERS = 0o077;

/** The file of a home's secret half. */
export function textKeyPath(home: string): string {
  return join(home, "keys", "text");
}

/**
 * The public half of a home's pair, which is made when there is none. Several processes may ask at
 * once. Fails with `ASTRID_AUDIT_KEY`, and as the system does.
 */
export async function textPublicKey(
  powers: Pick<Powers, "files" | "random">,
  home: string,
): Promise<Uint8Array> {
  const { files, random } = powers;
  await sodium.ready;
  const [secretPath, publicPath] = [textKeyPath(home), `${textKeyPath(home)}.pub`];
  const known = await readKey(files, publicPath, PUBLIC);
  if (known !== undefined) return known;
  const drawn = random.bytes(KEY_BYTES);
  const made = fileOf(SECRET, drawn);
  let secret: Uint8Array | undefined;
  try {
    await createPrivate(powers, secretPath, made);
    // Another process may have been faster.
    secret = await readKey(files, secretPath, SECRET);
    if (secret === undefined) fail("ASTRID_AUDIT_KEY", `${secretPath} is gone`);
    const publicKey = sodium.crypto_scalarmult_base(secret);
    await createPrivate(powers, publicPath, fileOf(PUBLIC, publicKey));
    return publicKey;
  } finally {
    for (const bytes of [drawn, made, secret]) if (bytes !== undefined) wipe(bytes);
  }
}

/**
 * What `act` makes of the secret half in a file, or none if there is no such file; it is wiped when
 * `act` is done. Fails with `ASTRID_AUDIT_KEY`.
 */
export async function useTextKey<T>(
  files: Powers["files"],
  path: string,
  act: (secret: Uint8Array) => T | Promise<T>,
): Promise<T | undefined> {
  const secret = await readKey(files, path, SECRET);
  if (secret === undefined) return undefined;
  try {
    return await act(secret);
  } finally {
    wipe(secret);
  }
}

/** The sealed bytes, opened; none if they were changed or are for another key. */
export function unseal(sealed: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
  try {
    return sodium.crypto_box_seal_open(sealed, sodium.crypto_scalarmult_base(secret), secret);
  } catch {
    return undefined;
  }
}

function fileOf(magic: string, key: Uint8Array): Uint8Array {
  const file = Buffer.alloc(FILE_BYTES);
  file.write(magic, "latin1");
  file.writeUInt32LE(VERSION, magic.length);
  file.set(key, KEY_AT);
  return file;
}

async function readKey(
  files: Powers["files"],
  path: string,
  magic: string,
): Promise<Uint8Array | undefined> {
  const what = JSON.stringify(path);
  const found = await files.lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    return fail("ASTRID_AUDIT_KEY", `${what} can't be read (${error.code})`);
  });
  if (found === undefined) return undefined;
  if ((found.mode & OTHERS) !== 0) {
    fail("ASTRID_AUDIT_KEY", `${what} is open to other users`, {
      hints: [`if nobody read or changed it: chmod go= ${path}`],
    });
  }
  const file = await readRegular(files, path, {
    what,
    code: "ASTRID_AUDIT_KEY",
    bytesMax: FILE_BYTES,
  });
  const head = fileOf(magic, new Uint8Array(KEY_BYTES)).subarray(0, KEY_AT);
  if (file.length !== FILE_BYTES || Buffer.compare(file.subarray(0, KEY_AT), head) !== 0) {
    wipe(file);
    fail("ASTRID_AUDIT_KEY", `${what} holds no such key`);
  }
  const key = file.slice(KEY_AT);
  wipe(file);
  return key;
}
