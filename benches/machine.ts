import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

import { output } from "./build.js";

/** What the figures were measured on; without it they mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly system: string;
  readonly node: string;
  readonly rustc: string;
  readonly wasmtime: string;
  /** Of the last minute, before the first bench and after the last. */
  readonly load: { readonly before: number; readonly after: number };
  readonly date: string;
}

/** Begins with the load before; the rest is asked for at the end. */
export function watchMachine(wasmtime: string): () => Promise<Machine> {
  const before = load();
  return async () => {
    const [rustc = "unknown"] = await output("rustc", ["--version"]);
    return {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
      memoryMiB: Math.round(totalmem() / 2 ** 20),
      system: `${type()} ${release()} ${arch()}`,
      node: process.version,
      rustc,
      wasmtime,
      load: { before, after: load() },
      date: new Date().toISOString().slice(0, 10),
    };
  };
}

function load(): number {
  return Math.round((loadavg()[0] ?? Number.NaN) * 100) / 100;
}
