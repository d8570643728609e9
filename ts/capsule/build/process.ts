import { fail } from "../../base/errors.js";
import type { Powers } from "../../base/powers.js";
import { type Bounds, MEMORY_HINT } from "./job.js";

type ChildProcess = ReturnType<Powers["processes"]["spawn"]>;

/** How one bounded process is started. */
export interface BoundedProcess {
  /** The module that Node runs. */
  readonly module: string;
  /** Its working folder, and the only place it is told to write to. */
  readonly folder: string;
  /** Its JavaScript heap is bounded here; it bounds the rest of itself. */
  readonly bounds: Bounds;
}

/** How a process that ran to its end came out. */
export interface ProcessEnd {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** The first `OUTPUT_BYTES_MAX` bytes of its standard error. */
  readonly errorText: string;
}

const STDIO = ["ignore", "ignore", "pipe"] as const;

/** The bundler's allocator would take a GiB at once, used or not, and that counts as memory. */
const ENVIRONMENT = { MIMALLOC_ARENA_EAGER_COMMIT: "0" } as const;

const OUTPUT_BYTES_MAX = 64 * 1024;

/** What V8, and native code, write when there is no more memory. */
const EXHAUSTED = /out of memory|memory allocation of \d+ bytes failed/;

/**
 * Runs a module of ours in a process that inherits nothing: none of our environment, no input, no
 * options.
 *
 * Fails with `ASTRID_BUILD` at the deadline, and when memory runs out, after killing it.
 */
export async function runBounded(
  powers: Pick<Powers, "processes" | "clock">,
  options: BoundedProcess,
): Promise<ProcessEnd> {
  const { module, folder, bounds } = options;
  const child = powers.processes.spawn(
    powers.processes.nodePath,
    [`--max-old-space-size=${bounds.memoryMib}`, module],
    { cwd: folder, env: { ...ENVIRONMENT, TMPDIR: folder }, stdio: [...STDIO], shell: false },
  );
  const { errorText, exhausted } = collect(child);
  const timer = new AbortController();
  const deadline = powers.clock.sleepMs(bounds.deadlineMs, timer.signal).then(
    () => "late" as const,
    () => "stopped" as const,
  );
  const ended = end(child);
  try {
    const first = await Promise.race([ended, exhausted, deadline]);
    if (first === "exhausted") failExhausted(bounds);
    if (typeof first === "string") {
      fail("ASTRID_BUILD", `the build took longer than ${bounds.deadlineMs} ms and was stopped`, {
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

/** Fails with `ASTRID_BUILD` for a build that wanted more memory than it has. */
function failExhausted({ memoryMib }: Bounds): never {
  fail("ASTRID_BUILD", `the build went over its ${memoryMib} MiB (build-memory-mib)`, {
    limit: "build-memory-mib",
    hints: [MEMORY_HINT],
  });
}

function end(child: ChildProcess): Promise<{ readonly exitCode: number | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode }));
  });
}

interface Collected {
  readonly errorText: () => string;
  /** Resolves when it says that it has no more memory: native code may stay without an end. */
  readonly exhausted: Promise<"exhausted">;
}

/** Keeps the beginning of the child's standard error, and drains the rest. */
function collect(child: ChildProcess): Collected {
  let bytes: Buffer = Buffer.alloc(0);
  const errorText = (): string => bytes.toString("utf8");
  const exhausted = new Promise<"exhausted">((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      if (bytes.length >= OUTPUT_BYTES_MAX) return;
      bytes = Buffer.concat([bytes, chunk.subarray(0, OUTPUT_BYTES_MAX - bytes.length)]);
      if (EXHAUSTED.test(errorText())) resolve("exhausted");
    });
  });
  return { errorText, exhausted };
}
