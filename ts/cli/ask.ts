import { AstridError } from "../base/errors.js";
import type { Question } from "../kernel/options.js";
import { formatGrant, type Grant } from "../policy/grant.js";
import { literalNames } from "../policy/pattern.js";
import { protects } from "../policy/protected.js";
import type { Context } from "./context.js";

/** More rights than this are not shown as a question: nobody would read them. */
const ROWS_MAX = 30;
/** A longer right can't be shown whole. */
const ROW_LENGTH_MAX = 500;
/** A longer answer is no answer. */
const ANSWER_LENGTH_MAX = 64;

/** Whether a person sits at both ends, and the rights can be shown whole. */
export function canAsk({ powers }: Pick<Context, "powers">, { missing }: Question): boolean {
  const { stdin, stderr } = powers.terminal;
  return (
    stdin.isTTY === true &&
    stderr.isTTY === true &&
    missing.length <= ROWS_MAX &&
    missing.every((grant) => formatGrant(grant).length <= ROW_LENGTH_MAX)
  );
}

/**
 * Shows what a capsule lacks, and whether the person says yes to all of it. Anything but `y` or
 * `yes` is a no. Fails with `ASTRID_CANCELLED` when interrupted.
 */
export async function ask(
  context: Context,
  { capsule, missing, workspace }: Question,
): Promise<boolean> {
  const { print } = context;
  print.line(
    `${capsule.name}@${capsule.source} (${capsule.digest.slice(0, 16)}) asks for more:`,
    "bold",
  );
  for (const grant of missing) print.line(`  ${describe(grant)}`);
  if (workspace !== undefined) print.line(`  where workspace:// is ${workspace.path}`);
  print.question("Grant this, now and whenever exactly this is asked again? [y/N]");
  const answer = await readLine(context);
  return /^y(?:es)?$/i.test(answer.trim());
}

/** A right as a person should read it: what it is, and whose names it would open. */
export function describe(grant: Grant): string {
  const names = grant.verb.startsWith("fs.") ? literalNames(grant.pattern) : [];
  const opened = new Set(names.map(protects).filter((what) => what !== undefined));
  const warning = opened.size === 0 ? "" : `   (opens ${[...opened].join(", ")})`;
  return `${formatGrant(grant)}${warning}`;
}

/** One line from the terminal; empty at its end. */
function readLine({ powers, signal, print }: Context): Promise<string> {
  const { stdin } = powers.terminal;
  return new Promise((resolve, reject) => {
    let text = "";
    const stop = (): void => {
      stdin.off("data", onData).off("end", onEnd);
      signal.removeEventListener("abort", onAbort);
      stdin.pause();
    };
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      if (!text.includes("\n") && text.length <= ANSWER_LENGTH_MAX) return;
      stop();
      resolve(text.length > ANSWER_LENGTH_MAX ? "" : text);
    };
    const onEnd = (): void => {
      stop();
      resolve("");
    };
    const onAbort = (): void => {
      stop();
      print.note("");
      reject(new AstridError("ASTRID_CANCELLED", "interrupted"));
    };
    signal.addEventListener("abort", onAbort);
    stdin.on("data", onData).on("end", onEnd);
    if (signal.aborted) onAbort();
  });
}
