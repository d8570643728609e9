import { spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";

/** The Rust programs of the benches. */
export interface Programs {
  /** The benches that need no Node. */
  readonly core: string;
  /** The addon of floors. */
  readonly floors: string;
}

const CARGO = ["build", "--release", "--locked", "--message-format=json-render-diagnostics"];

/** Builds them in the folder that the addon was built in, so that Wasmtime isn't compiled again. */
export async function buildPrograms(root: string, folder: string): Promise<Programs> {
  const core = await build(root, ["--bench", "core"]);
  const library = await build(root, ["--package", "astrid-native-addon", "--example", "floors"]);
  // Node takes it for an addon by its ending.
  const floors = join(folder, "floors.node");
  copyFileSync(library, floors);
  return { core, floors };
}

/** What cargo said about one thing it built. */
interface Message {
  readonly reason: string;
  readonly target?: { readonly name: string; readonly kind: readonly string[] };
  readonly filenames?: readonly string[];
  readonly executable?: string | null;
}

async function build(root: string, what: readonly [string, ...string[]]): Promise<string> {
  const name = what.at(-1);
  const args = [...CARGO, "--manifest-path", join(root, "native/Cargo.toml"), ...what];
  const lines = await output("cargo", args);
  const messages = lines.map((line) => JSON.parse(line) as Message);
  const built = messages.findLast(
    ({ reason, target }) =>
      reason === "compiler-artifact" &&
      target?.name === name &&
      (target?.kind.includes("bench") || target?.kind.includes("example")),
  );
  const path = built?.executable ?? built?.filenames?.[0];
  if (path === undefined) throw new Error(`cargo did not say where ${name} is`);
  return path;
}

/** Runs a program to its end, its standard error shown; the lines of its standard output. */
export async function output(
  program: string,
  args: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<string[]> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  let rest = "";
  const lines: string[] = [];
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    const parts = `${rest}${chunk}`.split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) onLine(line);
    lines.push(...parts);
  }
  const outcome = await ended;
  if (outcome !== 0) throw new Error(`${program} ended with ${outcome}`);
  return lines;
}
