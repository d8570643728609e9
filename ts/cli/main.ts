import { AstridError, exitCode, fail, isAstridError } from "../base/errors.js";
import { nodePowers, type Powers } from "../base/powers.js";
import { nearest } from "../capsule/manifest/suggest.js";
import { VERSION } from "../kernel/version.js";
import type { Context, Verb } from "./context.js";
import { errorDocument, toJson } from "./documents.js";
import { actionOf } from "./exit.js";
import { COMMON_FLAGS, parseFlags } from "./flags.js";
import { PROGRAM, programHelp, verbHelp } from "./help.js";
import { Printer } from "./print.js";
import { checkpoint } from "./verbs/audit/checkpoint.js";
import { exporting } from "./verbs/audit/export.js";
import { forget } from "./verbs/audit/forget.js";
import { key } from "./verbs/audit/key.js";
import { log } from "./verbs/audit/log.js";
import { prove } from "./verbs/audit/prove.js";
import { prune } from "./verbs/audit/prune.js";
import { renew } from "./verbs/audit/renew.js";
import { show } from "./verbs/audit/show.js";
import { verify } from "./verbs/audit/verify.js";
import { build } from "./verbs/build.js";
import { doctor } from "./verbs/doctor.js";
import { inspect } from "./verbs/inspect.js";
import { run } from "./verbs/run.js";

/** All verbs, in the order of the help. */
export const VERBS: readonly Verb[] = [
  run,
  build,
  inspect,
  doctor,
  ...[log, show, exporting, verify, checkpoint, prove, prune, forget, key, renew],
];

const EXIT_CANCELLED = exitCode("ASTRID_CANCELLED");

/** Runs the command line and resolves with the exit code; everything that fails is printed. */
export async function main(
  argv: readonly string[],
  powers: Powers = nodePowers(),
): Promise<number> {
  const { terminal, host } = powers;
  const print = new Printer({ terminal, environment: host.environment });
  const interrupt = new AbortController();
  const release = onInterrupt(powers, () => {
    // The second time the person doesn't want to wait.
    if (interrupt.signal.aborted) process.exit(EXIT_CANCELLED);
    print.line("stopping; interrupt again to end at once", "dim");
    interrupt.abort();
  });
  try {
    return await dispatch({ powers, print, signal: interrupt.signal }, argv);
  } catch (caught) {
    const error = interrupt.signal.aborted
      ? new AstridError("ASTRID_CANCELLED", "interrupted", { cause: caught })
      : toError(caught);
    report(print, error, argv.includes("--json"));
    return exitCode(error.code);
  } finally {
    release();
  }
}

async function dispatch(context: Context, argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) fail("ASTRID_USAGE", "name a verb", { hints: [verbList(VERBS)] });
  if (["--help", "-h", "help"].includes(name)) {
    context.print.report(programHelp(VERBS));
    return 0;
  }
  if (name === "--version") {
    context.print.report(VERSION);
    return 0;
  }
  const [verb, words] = verbOf(name, rest);
  if (verb === undefined) {
    context.print.report(programHelp(groupOf(name)));
    return 0;
  }
  const args = parseFlags(words, { ...verb.flags, ...COMMON_FLAGS });
  if (args.has("help")) {
    context.print.report(verbHelp(verb));
    return 0;
  }
  return verb.run(context, args);
}

/** The verb that the first words name, and what follows it; none where a group's help is asked. */
function verbOf(name: string, rest: readonly string[]): [Verb | undefined, readonly string[]] {
  const group = groupOf(name);
  if (group.length === 0) return [named(VERBS, name), rest];
  const [second, ...words] = rest;
  if (second === "--help" || second === "-h") return [undefined, []];
  if (second === undefined) {
    fail("ASTRID_USAGE", `name what to do: ${PROGRAM} ${name} …`, { hints: [verbList(group)] });
  }
  return [named(group, `${name} ${second}`), words];
}

/** The verbs whose names begin with this word and have another. */
function groupOf(name: string): readonly Verb[] {
  return VERBS.filter((verb) => verb.name.startsWith(`${name} `));
}

function named(verbs: readonly Verb[], name: string): Verb {
  const verb = verbs.find((known) => known.name === name);
  if (verb !== undefined) return verb;
  const meant = nearest(
    name,
    verbs.map((known) => known.name),
  );
  const what = name.startsWith("-") ? "unknown flag" : "unknown verb";
  return fail("ASTRID_USAGE", `${what} ${JSON.stringify(name)}`, {
    hints: [meant === undefined ? verbList(verbs) : `did you mean ${PROGRAM} ${meant}?`],
  });
}

function verbList(verbs: readonly Verb[]): string {
  return `verbs: ${verbs.map((verb) => verb.name).join(", ")}`;
}

function onInterrupt({ host }: Powers, listener: () => void): () => void {
  const releases = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) =>
    host.onSignal(name, listener),
  );
  return () => {
    for (const release of releases) release();
  };
}

/** What went wrong first: closing the kernel may fail as well, and for the same reason. */
function toError(caught: unknown): AstridError {
  if (caught instanceof Error && "suppressed" in caught) return toError(caught.suppressed);
  if (isAstridError(caught)) return caught;
  const message = caught instanceof Error ? caught.message : String(caught);
  return new AstridError("ASTRID_INTERNAL", message, { cause: caught });
}

function report(print: Printer, error: AstridError, isJson: boolean): void {
  const { code, message, details } = error;
  print.message(`${PROGRAM}: ${message}`, code);
  // What an error itself says to try is nearer than what its code says.
  const hints = details.hints ?? [];
  const action = actionOf(code);
  const tries = hints.length > 0 || action === "none" ? hints : [action];
  for (const line of tries) print.line(`  ${line}`);
  if (isJson) print.json(toJson(errorDocument(error)));
}
