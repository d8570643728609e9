import { type AstridError, type ErrorCode, exitCode } from "../../base/errors.js";
import { type Addon, openAddon } from "../../kernel/addon.js";
import { homePath } from "../../kernel/home.js";
import { Kernel } from "../../kernel/kernel.js";
import { VERSION } from "../../kernel/version.js";
import { fromNative } from "../../native/errors.js";
import type { Context, Verb } from "../context.js";
import { toJson } from "../documents.js";
import { type Arguments, HOME_FLAG } from "../flags.js";
import { noOperand } from "../operand.js";

export const doctor: Verb = {
  name: "doctor",
  operand: "",
  about: "shows versions and what is enforced on this machine",
  details: ["Opens the home as a run would, and so makes it where it is missing."],
  flags: HOME_FLAG,
  examples: ["npx astrid-native doctor", "npx astrid-native doctor --json"],
  run: doctorVerb,
};

/** One thing looked at. */
interface Check {
  readonly name: string;
  readonly says: string;
  /** Why it can't be used; absent when all is well. */
  readonly code?: ErrorCode;
}

async function doctorVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const { host } = context.powers;
  const checks: Check[] = [
    { name: "package", says: `astrid-native ${VERSION}` },
    { name: "machine", says: `${host.platform} ${host.architecture}, ${host.cores} cores` },
    ...(await nativeChecks(context, homePath(context.powers, args.text("home")))),
  ];
  const failed = checks.find(({ code }) => code !== undefined)?.code;
  if (args.has("json")) {
    context.print.json(toJson({ outcome: failed === undefined ? "done" : "refused", checks }));
  } else {
    for (const { name, says, code } of checks) {
      const mark = code === undefined ? "ok  " : "FAIL";
      context.print.row(
        `${mark} ${name.padEnd(9)} ${says}${code === undefined ? "" : ` [${code}]`}`,
      );
    }
  }
  return failed === undefined ? 0 : exitCode(failed);
}

const BUILD_BOUNDED = "a process of its own, bounded in time and memory";
const BUILD_UNBOUNDED =
  "a process of its own, bounded in time; this system does not bound its memory, only its heap";

async function nativeChecks(context: Context, home: string): Promise<Check[]> {
  let addon: Addon;
  try {
    addon = openAddon(context.powers);
  } catch (error) {
    return [failure("addon", fromNative(error))];
  }
  const { addon: version, wasmtime, target, openat2, boundsBuilds } = addon.native.version();
  const paths = openat2
    ? "links are never followed: openat2"
    : "links are never followed: one open a component, as openat2 is missing";
  return [
    { name: "addon", says: `${version} for ${target}, Wasmtime ${wasmtime}` },
    { name: "paths", says: paths },
    { name: "build", says: boundsBuilds ? BUILD_BOUNDED : BUILD_UNBOUNDED },
    await compilerCheck(context, addon),
    await homeCheck(context, home),
  ];
}

async function compilerCheck({ powers }: Context, { compiler }: Addon): Promise<Check> {
  const found = await powers.files.stat(compiler).catch(() => undefined);
  const isProgram = found?.isFile() === true && (found.mode & 0o111) !== 0;
  if (isProgram)
    return { name: "compiler", says: "a process of its own, bounded in time and memory" };
  const code: ErrorCode = "ASTRID_UNSUPPORTED";
  return { name: "compiler", says: `${compiler} is missing or can't be run`, code };
}

/** Starts what a run would start: engine, meters, home and log. */
async function homeCheck({ powers }: Context, home: string): Promise<Check> {
  try {
    await using _kernel = await Kernel.open({ home, instances: 1 }, powers);
    return { name: "home", says: `${home}: marker, rights and log are sound; the engine starts` };
  } catch (error) {
    return failure("home", fromNative(error));
  }
}

function failure(name: string, { code, message }: AstridError): Check {
  return { name, says: message, code };
}
