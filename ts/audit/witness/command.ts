import { resolve } from "node:path";

import { fail } from "../../base/errors.js";
import { limit } from "../../base/limits.js";
import type { WitnessPowers } from "./witness.js";

type Child = ReturnType<WitnessPowers["processes"]["spawn"]>;

/** All that a witness's program has of our environment. */
const ENVIRONMENT = ["PATH", "HOME"] as const;

/**
 * Runs a program with a note on its standard input; resolves when it ended with 0. It has no more
 * than `audit-witness-ms`, then it is killed; what it prints goes nowhere.
 *
 * Fails with `ASTRID_AUDIT_WITNESS`, with the beginning of what it printed on standard error.
 */
export async function tellProgram(
  powers: Pick<WitnessPowers, "processes" | "clock" | "host">,
  [program, ...args]: readonly [program: string, ...args: string[]],
  note: string,
): Promise<void> {
  const { processes, clock, host } = powers;
  const path = program.includes("/") ? resolve(host.workingFolder(), program) : program;
  const env = Object.fromEntries(ENVIRONMENT.map((name) => [name, host.environment[name]]));
  const child = processes.spawn(path, args, {
    cwd: "/",
    env,
    stdio: ["pipe", "ignore", "pipe"],
    shell: false,
  });
  const said = collect(child);
  const timer = new AbortController();
  const deadlineMs = limit("audit-witness-ms");
  const late = clock.sleepMs(deadlineMs, timer.signal).then(
    () => `took longer than ${deadlineMs} ms`,
    () => undefined,
  );
  // One that doesn't read has ended, or ends by the deadline.
  child.stdin?.on("error", () => undefined).end(note);
  try {
    const why = await Promise.race([ended(child), late]);
    if (why !== undefined) fail("ASTRID_AUDIT_WITNESS", `${why}${said()}`);
  } finally {
    timer.abort();
    child.kill("SIGKILL");
    // A child of its own may hold them open for ever.
    child.stdin?.destroy();
    child.stderr?.destroy();
  }
}

/** Why it did not end well, if so. */
function ended(child: Child): Promise<string | undefined> {
  return new Promise((settle) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      settle(`can't be started (${error.code})`),
    );
    // One that went well may have left others with its streams; one that didn't, last words.
    child.once("exit", (exitCode) => {
      if (exitCode === 0) settle(undefined);
    });
    child.once("close", (exitCode, signal) => {
      settle(exitCode === null ? `was ended by ${signal}` : `ended with ${exitCode}`);
    });
  });
}

/** The beginning of its standard error, as the end of a message; the rest is drained. */
function collect(child: Child): () => string {
  let bytes = Buffer.alloc(0);
  const most = limit("audit-witness-output-bytes");
  child.stderr?.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk.subarray(0, most - bytes.length)]);
  });
  return () => {
    const text = bytes.toString("utf8").trim();
    return text === "" ? "" : `: ${text}`;
  };
}
