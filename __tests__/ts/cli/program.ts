import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The program, without a terminal's arguments. */
export const LAUNCH = fileURLToPath(new URL("./launch.js", import.meta.url));

/** How one command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How one command is started. */
export interface Start {
  readonly cwd?: string;
  /** What it reads; nothing by default. */
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The longest file that it may write, in KiB. */
  readonly fileKib?: number;
  /** Is told what stderr said so far, each time it says more, and may send a signal. */
  readonly onStderr?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** A shell that sets the bound, in its blocks of 512 bytes, before it becomes the program. */
function bounded({ fileKib }: Start): string[] {
  return fileKib === undefined ? [] : ["sh", "-c", `ulimit -f ${fileKib * 2}; exec "$@"`, "sh"];
}

/** Runs `astrid-native` with these arguments, without a terminal. */
export function astrid(args: readonly string[], start: Start = {}): Promise<Ended> {
  const [program = "", ...words] = [...bounded(start), process.execPath, LAUNCH, ...args];
  const child = spawn(program, words, {
    cwd: start.cwd ?? process.cwd(),
    env: { ...process.env, ...start.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that ends without reading its input closes the pipe.
  child.stdin.on("error", () => undefined).end(start.stdin ?? "");
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += String(chunk);
    start.onStderr?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
