import { dirname, join } from "node:path";

import type { Powers } from "./powers.js";

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Puts a file in place whole, readable by this user alone, in a folder of ours that is made. */
export async function writePrivate(
  powers: Pick<Powers, "files" | "random">,
  path: string,
  data: Uint8Array | string,
): Promise<void> {
  const { files, random } = powers;
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
    await files.rename(temporary, path);
  } catch (error) {
    await files.rm(temporary, { force: true });
    throw error;
  }
}
