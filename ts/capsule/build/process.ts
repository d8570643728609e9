import { fail } from "../../base/errors.js";
import type { Powers } from "../../base/powers.js";

type ChildProcess = ReturnType<Powers["processes"]["spawn"]>;

/** How one bounded process is started. */
export interface BoundedProcess {
  /** The module that Node runs. */
  readonly module: string;
  /** Its working folder, and the only place it is told to write to. */
  readonly folder: string;
  readonly deadlineMs: number;
  /** Heap of its JavaScript, in MiB. */
  readonly memoryMib: number;
}

/** How a process that ran to its end came out. */
export interface ProcessEnd {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** The first `OUTPUT_BYTES_MAX` bytes of its standard error. */
  readonly errorText: string;
}

const OUTPUT_BYTES_MAX = 64 * 1024;

/**
 * Runs a module of ours in a process that inherits nothing: no environment, no input, no options.
 *
 * Fails with `ASTRID_BUILD` at the deadline, after killing it.
 */
export async function runBounded(
  powers: Pick<Powers, "processes" | "clock">,
  options: BoundedProcess,
): Promise<ProcessEnd> {
  const { module, folder, deadlineMs, memoryMib } = options;
  const child = powers.processes.spawn(
    powers.processes.nodePath,
    [`--max-old-space-size=${memoryMib}`, module],
    { cwd: folder, env: { TMPDIR: folder }, stdio: ["ignore", "ignore", "pipe"], shell: false },
  );
  const errorText = collect(child);
  const timer = new AbortController();
  const deadline = powers.clock.sleepMs(deadlineMs, timer.signal).then(
    () => "late" as const,
    () => "stopped" as const,
  );
  const ended = end(child);
  try {
    const first = await Promise.race([ended, deadline]);
    if (typeof first === "string") {
      fail("ASTRID_BUILD", `the build took longer than ${deadlineMs} ms and was stopped`, {
        limit: "build-ms",
        hints: ["a capsule's top-level code runs while it is built: does it end?"],
      });
    }
    return { exitCode: first.exitCode, errorText: errorText() };
  } finally {
    timer.abort();
    child.kill("SIGKILL");
    // Its folder is removed next, so it must be gone.
    await ended.catch(() => undefined);
  }
}

function end(child: ChildProcess): Promise<{ readonly exitCode: number | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode }));
  });
}

/** Keeps the beginning of the child's standard error, and drains the rest. */
function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  child.stderr?.on("data", (chunk: Buffer) => {
    if (length < OUTPUT_BYTES_MAX) chunks.push(chunk.subarray(0, OUTPUT_BYTES_MAX - length));
    length += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
