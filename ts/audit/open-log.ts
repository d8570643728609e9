import { fail } from "../base/errors.js";
import type { Powers } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeLog } from "../native/log.js";
import type { Native } from "../native.js";
import { KeyChain } from "./chain.js";
import { signaturesReady } from "./ed25519.js";
import { EpochsFile } from "./epochs-file.js";
import { auditFolder, epochsPath } from "./signer.js";

/** A home's log as who reads it needs it: no kernel, no key. */
export interface OpenLog {
  readonly files: Powers["files"];
  readonly home: string;
  readonly native: NativeLog;
}

/** Opens a home's log. Fails with `ASTRID_NOT_FOUND`, and with the log's own codes. */
export async function openLog(
  powers: Pick<Powers, "files">,
  native: Pick<Native, "openLog">,
  home: string,
): Promise<OpenLog> {
  const { files } = powers;
  const folder = auditFolder(home);
  if ((await files.lstat(folder).catch(() => undefined)) === undefined) {
    fail("ASTRID_NOT_FOUND", `there is no log in ${JSON.stringify(home)}`, {
      hints: ["name the kernel's folder with --home"],
    });
  }
  return { files, home, native: await asking(() => native.openLog(folder)) };
}

/**
 * Who may sign a home's log; every certificate is verified. None while nobody ever signed it.
 *
 * Fails with `ASTRID_AUDIT_NOTE`, `ASTRID_AUDIT_SIGNATURE`.
 */
export async function readChain(
  powers: Pick<Powers, "files" | "random">,
  home: string,
): Promise<KeyChain | undefined> {
  const text = await new EpochsFile(powers, epochsPath(home)).read();
  if (text === undefined) return undefined;
  await signaturesReady();
  return new KeyChain(text);
}
