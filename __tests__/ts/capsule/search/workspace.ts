import { execFile } from "node:child_process";
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import type { SearchFiles } from "../../../../capsules/search/src/files.js";

// QuickJS has it, Node 20 does not.
Object.defineProperty(Uint8Array.prototype, "toBase64", {
  configurable: true,
  value(this: Uint8Array): string {
    return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("base64");
  },
});

/** What the sdk's `fs` does, over a real folder: sorted lists without links, errors with codes. */
export function searchFiles(root: string): SearchFiles {
  const real = (path: string): string => join(root, path.slice("workspace://".length));
  return {
    list: (path) =>
      coded(() =>
        readdirSync(real(path), { withFileTypes: true })
          .filter((entry) => entry.isFile() || entry.isDirectory())
          .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
          .map((entry) => ({
            name: entry.name,
            kind: entry.isFile() ? ("file" as const) : ("directory" as const),
            size: entry.isFile() ? statSync(join(real(path), entry.name)).size : 0,
          })),
      ),
    stat: (path) =>
      coded(() => {
        const stat = statSync(real(path));
        return { kind: stat.isFile() ? "file" : "directory", size: stat.size };
      }),
    open: (path) => {
      const descriptor = coded(() => openSync(real(path), "r"));
      return {
        read(offset, length) {
          if (length > 1024 * 1024) throw Object.assign(new Error(), { code: "ASTRID_TOO_LARGE" });
          const size = Math.max(0, Math.min(length, fstatSync(descriptor).size - offset));
          const buffer = new Uint8Array(size);
          return buffer.subarray(0, readSync(descriptor, buffer, 0, size, offset));
        },
        [Symbol.dispose]: () => closeSync(descriptor),
      };
    },
  };
}

function coded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(code), {
      code: code === "ENOENT" ? "ASTRID_NOT_FOUND" : "ASTRID_DENIED",
    });
  }
}

const run = promisify(execFile);

/** What git prints in a folder, without anyone's configuration; nothing when it exits with 1. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C.UTF-8" };
  const config = ["-c", "core.excludesFile=/dev/null", "-c", "core.quotePath=false"];
  try {
    const options = { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 };
    return (await run("git", [...config, ...args], options)).stdout;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return "";
    throw error;
  }
}
