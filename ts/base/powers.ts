import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as files from "node:fs/promises";
import { availableParallelism, homedir, tmpdir, totalmem } from "node:os";
import { setTimeout as sleepMs } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The file calls that the control plane uses; guests reach files only through the addon. */
export type Files = Pick<
  typeof files,
  | "link"
  | "lstat"
  | "mkdir"
  | "mkdtemp"
  | "open"
  | "readFile"
  | "readdir"
  | "realpath"
  | "rename"
  | "rm"
  | "stat"
  | "writeFile"
>;

/** Starting other programs. */
export interface Processes {
  readonly spawn: typeof spawn;
  /** The Node that runs us. */
  readonly nodePath: string;
}

/** Time. */
export interface Clock {
  /** Milliseconds since some fixed moment, with a fraction; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970, as the system's clock says: it may step. */
  wallMs(): number;
  /** Resolves after that many milliseconds; rejects when `signal` is aborted. */
  sleepMs(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `act` after that many milliseconds, if the process lives so long for other reasons. */
  later(durationMs: number, act: () => void): void;
  /** Something that keeps the process alive while it is held; not held at first. */
  awake(): Awake;
}

/** See {@link Clock.awake}. */
export interface Awake {
  hold(): void;
  release(): void;
}

/** Unpredictable bytes. */
export interface Random {
  /** That many bytes of the system's random generator. */
  bytes(count: number): Uint8Array;
}

/** The standard streams. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What this process is and where it runs. */
export interface Host {
  /** What runs this, and its version: `node v24.1.0`. */
  readonly runtime: string;
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  /** Cores this process may use, at least 1. */
  readonly cores: number;
  /** Memory of the machine, in bytes. */
  readonly memoryBytes: number;
  readonly homeFolder: string;
  readonly temporaryFolder: string;
  /** The folder of our `package.json`. */
  readonly packageFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  workingFolder(): string;
  /** Most memory that this process held at once so far, in MiB. */
  peakMemoryMib(): number;
  /** Calls `listener` at each such signal until the returned function is called. */
  onSignal(name: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): () => void;
}

/** The ambient authority of this process, gathered here once and handed down as arguments. */
export interface Powers {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly random: Random;
  readonly terminal: Terminal;
  readonly host: Host;
}

// From dist/ts/base/powers.js.
const PACKAGE_FOLDER = fileURLToPath(new URL("../../..", import.meta.url));

const POOL_BYTES = 1024;
/** The longest that a timer takes. */
const AWAKE_MS = 2 ** 31 - 1;

/** The powers of this Node process. Only entry points call it; everyone else is handed a part. */
export function nodePowers(): Powers {
  return {
    files,
    processes: { spawn, nodePath: process.execPath },
    clock: {
      monotonicMs: () => performance.now(),
      wallMs: () => Date.now(),
      sleepMs: (durationMs, signal) =>
        sleepMs(durationMs, undefined, signal === undefined ? {} : { signal }),
      later: (durationMs, act) => void setTimeout(act, durationMs).unref(),
      awake: () => {
        let timer: NodeJS.Timeout | undefined;
        return {
          hold: () => {
            timer ??= setInterval(() => undefined, AWAKE_MS);
          },
          release: () => {
            clearInterval(timer);
            timer = undefined;
          },
        };
      },
    },
    random: { bytes: drawFrom(randomBytes) },
    terminal: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
    host: nodeHost(),
  };
}

/** Small draws share a call of the generator, which costs as much as a thousand bytes of it. */
function drawFrom(generate: (count: number) => Uint8Array): (count: number) => Uint8Array {
  let pool = new Uint8Array();
  return (count) => {
    if (count > POOL_BYTES) return new Uint8Array(generate(count));
    if (count > pool.length) pool = new Uint8Array(generate(POOL_BYTES));
    const drawn = pool.slice(0, count);
    // Nobody draws them again, and nobody finds them here.
    pool.fill(0, 0, count);
    pool = pool.subarray(count);
    return drawn;
  };
}

function nodeHost(): Host {
  return {
    runtime: `node ${process.version}`,
    platform: process.platform,
    architecture: process.arch,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    homeFolder: homedir(),
    temporaryFolder: tmpdir(),
    packageFolder: PACKAGE_FOLDER,
    environment: process.env,
    workingFolder: () => process.cwd(),
    peakMemoryMib: () => process.resourceUsage().maxRSS / 1024,
    onSignal: (name, listener) => {
      process.on(name, listener);
      return () => void process.off(name, listener);
    },
  };
}
