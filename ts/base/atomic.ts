import { dirname, join } from "node:path";

import type { Files, Powers } from "./powers.js";

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** What putting a file in place takes. */
export type WritePowers = Pick<Powers, "files" | "random">;

/** Puts a file in place whole, readable by this user alone, in a folder of ours that is made. */
export async function writePrivate(
  powers: WritePowers,
  path: string,
  data: Uint8Array | string,
): Promise<void> {
  await inPlace(powers, path, data, (temporary) => powers.files.rename(temporary, path));
}

/**
 * As `writePrivate`, but only where nothing is yet; whether it was. It is on disk when this
 * resolves.
 */
export async function createPrivate(
  powers: WritePowers,
  path: string,
  data: Uint8Array | string,
): Promise<boolean> {
  const { files } = powers;
  try {
    await inPlace(powers, path, data, (temporary) => files.link(temporary, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  await syncFolder(files, dirname(path));
  return true;
}

/** Resolves when the names in a folder are on disk. */
export async function syncFolder(files: Pick<Files, "open">, folder: string): Promise<void> {
  await using handle = await files.open(folder, "r");
  await handle.sync();
}

async function inPlace(
  { files, random }: WritePowers,
  path: string,
  data: Uint8Array | string,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  await files.mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const name = Buffer.from(random.bytes(8)).toString("hex");
  const temporary = join(dirname(path), `.${name}.tmp`);
  try {
    const handle = await files.open(temporary, "wx", PRIVATE_FILE);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary);
  } finally {
    await files.rm(temporary, { force: true });
  }
}
