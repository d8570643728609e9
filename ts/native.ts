// The only import of the addon. Errors cross as data ({ code, message }) and become AstridError
// in native/errors.ts; 64-bit counters cross as bigint.

import { createRequire } from "node:module";
import { join } from "node:path";

import type { NativeCheckpoint, NativeLog } from "./native/log.js";
import type { NativeAnswer, NativeBatch } from "./native/traffic.js";

/** One row of a table. */
export interface NativeGrant {
  verb: string;
  /** Empty for verbs without a resource. */
  pattern: string;
  /** `allow`, `ask` or `deny`. */
  verdict: string;
  /** What a record names as the rule, `run --grant fs.read=workspace://**` for example. */
  rule: string;
}

/** A folder that was checked: loading opens this one, or fails with ASTRID_WORKSPACE. */
export interface NativeWorkspace {
  /** Absolute, without links. */
  path: string;
  device: bigint;
  inode: bigint;
}

export interface NativeLoad {
  component: Uint8Array;
  /** Name of the capsule, without its source. */
  name: string;
  /** Who vouches: `shipped`, `folder-<digest of its path>`, or `digest-<digest>`. */
  source: string;
  principal: string;
  grants: NativeGrant[];
  /** The folder behind `workspace://`. */
  workspace?: NativeWorkspace;
  /** Settings as JSON texts. */
  config: { key: string; value: string }[];
  /** Budget of each instance, in MiB. */
  memoryMib: number;
  /** Instances kept ready between calls. */
  idleInstances: number;
  /** Verbs whose arguments the log keeps, and `message`; needs the key. */
  keep: string[];
  /** X25519, public. */
  textKey?: Uint8Array;
}

export interface NativeLoaded {
  /** Number of the capsule in this kernel. */
  id: number;
  /** BLAKE3 of the component, hexadecimal. */
  digest: string;
  /** Whether the compiled code came from the cache. */
  cached: boolean;
  /** Id of the authority, 16 hexadecimal digits. */
  authority: string;
}

export interface NativeCall {
  topic: string;
  /** JSON text. */
  payload: string;
  sender: string;
  /** Correlation id. */
  id: string;
  fuel: bigint;
  deadlineMs: number;
  /** Number to cancel by, unique among running calls of the kernel. */
  token: number;
}

export interface NativeOpen {
  /** Absolute path of the home; made when missing or empty. */
  home: string;
  /** Absolute path of the addon, whose digest the record of the start has. */
  addon: string;
  /** Absolute path of the compiler program; likewise. */
  compiler: string;
  /** What this runs in, and its version. */
  runtime: string;
  /** Slots for live instances. */
  instances: number;
  /** Worker threads; 0 for one a core. */
  workers: number;
}

/** What an event of our own says beside its resource. */
export interface NativeAbout {
  principal?: string;
  /** `name@source`. */
  capsule?: string;
  /** Digest of its component, hexadecimal. */
  component?: string;
  /** Of a grant: what, whether it is given or taken, and on whose word. */
  verb?: string;
  isGranted?: boolean;
  rule?: string;
  /** Code of why a load was refused. */
  refused?: string;
}

/** What is recorded, as the addon does it. */
export interface NativeTables {
  /** Kinds by their codes; `class` is the weakest durability of such a record. */
  kinds: { name: string; class: string; isKept: boolean }[];
  /** Host functions, WASI's too, with what an allowed call leaves in the log. */
  functions: { name: string; verb?: string; class: string; kinds: string[] }[];
}

/** One kernel: engine, log, stores of one home. Several may live in one process. */
export interface NativeKernel {
  /** Compiles (or takes from the cache), checks imports against grants, links. */
  load(spec: NativeLoad): Promise<NativeLoaded>;
  /** Starts a call, whose end comes with `take`. Throws for a closed kernel or unknown capsule. */
  call(capsule: number, call: NativeCall): void;
  /** Cancels the running call with that token; nothing when there is none. */
  cancel(token: number): void;
  unload(capsule: number): void;
  /** Everything that went out since the last time. */
  take(): NativeBatch;
  /** Answers calls; the numbers of those that nobody waits for. */
  answer(answers: NativeAnswer[]): number[];
  /** Resolves when all records so far are in the file. */
  flush(): Promise<{ sequence: bigint; head: string }>;
  /**
   * Records an event durably; its sequence. Kinds: `key.epoch`, `log.pruned`, `log.origin`,
   * `grant.change`, and `capsule.load` of one that was refused. Throws ASTRID_INVALID for another
   * kind, or fields that the kind doesn't have.
   */
  record(kind: string, resource: string, about?: NativeAbout): Promise<bigint>;
  /** Makes all records durable and says what is on disk; also once closed. */
  checkpoint(): Promise<NativeCheckpoint>;
  /**
   * Appends a signed note over a checkpoint of this log to its file `checkpoints`, durably; also
   * once closed. Throws ASTRID_INVALID for anything else, or beyond what is on disk.
   */
  appendCheckpoint(note: string): Promise<void>;
  /** Refuses new calls, waits for running ones, flushes and syncs the log. */
  close(): Promise<void>;
}

/** What the addon is, and what this machine offers it. */
export interface NativeVersion {
  addon: string;
  wasmtime: string;
  target: string;
  /** Whether paths are opened by `openat2`. */
  openat2: boolean;
  /** Whether `boundBuild` holds for memory that is not JavaScript's heap. */
  boundsBuilds: boolean;
}

/** The addon. */
export interface Native {
  version(): NativeVersion;
  /**
   * Bounds this process for the rest of its life: the memory it may write to, and its CPU time
   * by the wall time it has; no core dumps. Throws ASTRID_UNSUPPORTED.
   */
  boundBuild(memoryMib: number, deadlineMs: number): void;
  /** `wake` is called (coalesced) when `take` has something. Throws coded errors. */
  openKernel(options: NativeOpen, wake: () => void): NativeKernel;
  /** A log to look at, without its kernel. Throws where there is none, or not its origin. */
  openLog(folder: string): NativeLog;
  /** Throws ASTRID_GRANT with what is wrong, if it is not a verb with a pattern of its kind. */
  checkGrant(verb: string, pattern: string): void;
  /** Verbs with the kind of their resource: `nothing`, `path`, `topic` or `key`. */
  verbs(): { verb: string; kind: string }[];
  /** What is recorded of what. */
  auditTables(): NativeTables;
  /** Reads a component's outside without compiling it. */
  inspect(component: Uint8Array): { digest: string; imports: string[]; exports: string[] };
  /** BLAKE3, hexadecimal. */
  digest(bytes: Uint8Array): string;
  /**
   * What folder is at that real path. Throws ASTRID_WORKSPACE when it is missing, no directory, or
   * overlaps the home.
   */
  checkWorkspace(workspace: string, home: string): NativeWorkspace;
}

/** Where the addon of the package in this folder is. */
export function addonPath(packageFolder: string): string {
  return join(packageFolder, "dist", "native", "astrid-native.node");
}

/** Loads the addon of the package in this folder. Throws what Node says where it can't be. */
export function loadNative(packageFolder: string): Native {
  return createRequire(import.meta.url)(addonPath(packageFolder)) as Native;
}
