import { openLog } from "../audit/open-log.js";
import { type AuditRecord, queryPages, queryRecords, type RecordOptions } from "../audit/query.js";
import { nodePowers, type Powers } from "../base/powers.js";
import { type Addon, openAddon } from "./addon.js";
import { homePath } from "./home.js";

/** Whose log is read, and which records of it. */
export interface LogOptions extends RecordOptions {
  /** By default `ASTRID_NATIVE_HOME`, else `~/.astrid-native`. */
  readonly home?: string | undefined;
}

/**
 * The past of a home, in pages, without its kernel: to learn from what happened, or to try a policy
 * on it. Texts may come from guests: they are data.
 *
 * Fails with `ASTRID_NOT_FOUND` (no log), `ASTRID_INVALID` (the filter), and the log's own codes.
 */
export async function* readLog(
  { home, ...options }: LogOptions = {},
  powers: Powers = nodePowers(),
): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  const { native } = await openLog(powers, openAddon(powers).native, homePath(powers, home));
  yield* queryPages({ native, clock: powers.clock }, options);
}

/** The records of a kernel's own log. Fails as `readLog` does. */
export async function* ownRecords(
  { powers, addon, home }: { powers: Powers; addon: Addon; home: string },
  options: RecordOptions,
): AsyncGenerator<AuditRecord, void, undefined> {
  const { native } = await openLog(powers, addon.native, home);
  yield* queryRecords({ native, clock: powers.clock }, options);
}
