import type { KeyChain } from "../../audit/chain.js";
import { type OpenLog, openLog, readChain } from "../../audit/open-log.js";
import { fail } from "../../base/errors.js";
import { openAddon } from "../../kernel/addon.js";
import { homePath } from "../../kernel/home.js";
import type { Context } from "../context.js";
import type { Arguments, FlagTable } from "../flags.js";

/** What every verb about the log takes. */
export const HOME_FLAG = {
  home: { value: "<folder>", about: "the kernel's folder; ASTRID_NATIVE_HOME, ~/.astrid-native" },
} as const satisfies FlagTable;

/** The log that the flags name; nothing is written and no kernel is needed. */
export async function logOf({ powers }: Context, args: Arguments): Promise<OpenLog> {
  const home = homePath(powers, args.text("home"));
  return openLog(powers, openAddon(powers).native, home);
}

/** Who signs the log of a home, if anybody did. */
export async function chainOf({ powers }: Context, home: string): Promise<KeyChain | undefined> {
  return readChain(powers, home);
}

/** As `chainOf`. Fails with `ASTRID_NOT_FOUND` if nobody did. */
export async function signersOf(context: Context, home: string): Promise<KeyChain> {
  const chain = await chainOf(context, home);
  return (
    chain ??
    fail("ASTRID_NOT_FOUND", `nobody has signed a log in ${JSON.stringify(home)} yet`, {
      hints: ["a run makes the keys, and signs when it ends"],
    })
  );
}
