// A log whose keys are lost is moved aside, and the next one begins with a record that names it.
import { join } from "node:path";

import { syncFolder, writePrivate } from "../base/atomic.js";
import { fail, isAstridError } from "../base/errors.js";
import { readRegular } from "../base/files.js";
import { asking, fromNative } from "../native/errors.js";
import type { NativeKernel } from "../native.js";
import { HASH_BYTES, type Tree } from "./checkpoint.js";
import { fromDecimal, fromHexOf, toHex } from "./encoding.js";
import { EpochsFile } from "./epochs-file.js";
import { KeyFiles, type KeyPowers } from "./key-files.js";
import type { OpenLog } from "./open-log.js";
import { auditFolder, coded, epochsPath, Signer } from "./signer.js";

/** A log that came before another: which, and what it held when it was left. */
export interface Previous extends Tree {
  /** 64 hexadecimal digits. */
  readonly origin: string;
}

/** The kind of the record that links two logs; its resource is a `Previous` as text. */
export const LINK_KIND = "log.origin";

const PRIVATE_FOLDER = 0o700;
const LINE_BYTES_MAX = 256;
const NAME_DIGITS = 16;
const LOG_KEYS = /^(?:log|epoch-[0-9]{8,10})$/;

/** `<origin> <size> <root>`, as the record has it. */
export function formatPrevious({ origin, size, root }: Previous): string {
  return `${origin} ${size} ${toHex(root)}`;
}

/** Reads it again; none for anything else. */
export function parsePrevious(text: string): Previous | undefined {
  const [, origin = "", digits = "", hex = ""] = /^([0-9a-f]{64}) (\S+) (\S+)$/.exec(text) ?? [];
  const [size, root] = [fromDecimal(digits), fromHexOf(hex, HASH_BYTES)];
  return size === undefined || root === undefined ? undefined : { origin, size, root };
}

/**
 * Moves a home's log, and what is left of its keys, aside to a folder of its name; the next kernel
 * makes another with new keys and links it. Stopping anywhere is harmless: doing it again goes on.
 *
 * Fails with `ASTRID_USAGE` while the keys fit, with `ASTRID_IO`, and as the log does when it
 * doesn't verify.
 */
export async function renewLog(
  powers: KeyPowers,
  { home, native }: OpenLog,
): Promise<Previous & { readonly folder: string }> {
  const origin = native.origin();
  if (await hasKeys(powers, home, origin)) {
    fail("ASTRID_USAGE", "the keys of this log are there and fit: nothing is to be renewed");
  }
  const { records, root: hex, fault } = await asking(() => native.verify([]));
  if (fault !== undefined) throw fromNative(fault);
  const previous = parsePrevious(`${origin} ${records} ${hex}`);
  if (previous === undefined) return fail("ASTRID_INTERNAL", "the addon's root is no hash");
  try {
    return { ...previous, folder: await moveAside(powers, home, previous) };
  } catch (caught) {
    throw coded(caught);
  }
}

/** The folder that the log is in now. */
async function moveAside(powers: KeyPowers, home: string, previous: Previous): Promise<string> {
  const { files } = powers;
  // First what the next log will say: once the old one is aside, nobody else knows of it.
  await writePrivate(powers, linkPath(home), `${formatPrevious(previous)}\n`);
  await syncFolder(files, home);
  await moveKeys(powers, join(home, "keys"), join(auditFolder(home), "keys"));
  const folder = `${auditFolder(home)}-${previous.origin.slice(0, NAME_DIGITS)}`;
  await files.rename(auditFolder(home), folder);
  await syncFolder(files, home);
  return folder;
}

/**
 * Links a new log to the one that was moved aside, if there is one: a record, on disk when this
 * resolves. After a crash it may be there twice. Fails as the log, and with `ASTRID_AUDIT_NOTE`.
 */
export async function linkRenewed(
  { files }: Pick<KeyPowers, "files">,
  native: Pick<NativeKernel, "record">,
  { home, origin }: { readonly home: string; readonly origin: string },
): Promise<void> {
  const path = linkPath(home);
  if ((await files.lstat(path).catch(() => undefined)) === undefined) return;
  const previous = await readLink(files, path);
  // Else it stopped before the old log was aside, and its keys came back.
  if (previous.origin !== origin) {
    await asking(() => native.record(LINK_KIND, formatPrevious(previous)));
  }
  await files.rm(path);
  await syncFolder(files, home);
}

async function readLink(files: KeyPowers["files"], path: string): Promise<Previous> {
  const bounds = { what: "the file log-renewed", code: "ASTRID_AUDIT_NOTE" } as const;
  const bytes = await readRegular(files, path, { ...bounds, bytesMax: LINE_BYTES_MAX });
  const text = Buffer.from(bytes).toString("latin1");
  const previous = text.endsWith("\n") ? parsePrevious(text.slice(0, -1)) : undefined;
  return previous ?? fail("ASTRID_AUDIT_NOTE", `${bounds.what} names no log`);
}

function linkPath(home: string): string {
  return join(home, "log-renewed");
}

/** Whether a kernel could sign this log, or begin to. */
async function hasKeys(powers: KeyPowers, home: string, origin: string): Promise<boolean> {
  try {
    if ((await new EpochsFile(powers, epochsPath(home)).ends()) === undefined) {
      return !(await new KeyFiles(powers, join(home, "keys")).hasEpochAfter(1));
    }
    await Signer.open(powers, home, origin);
    return true;
  } catch (error) {
    const isLost =
      isAstridError(error) && ["ASTRID_AUDIT_KEY", "ASTRID_AUDIT_NOTE"].includes(error.code);
    if (isLost) return false;
    throw error;
  }
}

async function moveKeys({ files }: KeyPowers, from: string, to: string): Promise<void> {
  const names = await files.readdir(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const ours = names.filter((name) => LOG_KEYS.test(name));
  if (ours.length === 0) return;
  await files.mkdir(to, { recursive: true, mode: PRIVATE_FOLDER });
  for (const name of ours) await files.rename(join(from, name), join(to, name));
  await syncFolder(files, to);
  await syncFolder(files, from);
}
