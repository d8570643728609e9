// A small checkout of its own, with the real launcher and build scripts and a cargo that only
// notes how it was called: compiling the addon takes minutes, and is not what is tested here.
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const COPIED = ["bin", "scripts", "tables", "tsconfig.json", "package.json", "ts/base", "wit"];

const CARGO = `#!/bin/sh
PATH=/usr/bin:/bin
[ "$1" = --version ] && { echo "cargo 1.95.0"; exit; }
echo "$*" >> "$CARGO_LOG"
[ -n "$CARGO_FAILS" ] && { echo "error: broken on purpose" >&2; exit 101; }
[ -p "$CARGO_GATE" ] && read -r line < "$CARGO_GATE"
mkdir -p "$CARGO_TARGET_DIR/release"
for name in libastrid_native_addon.so libastrid_native_addon.dylib astrid-compiler; do
  echo built > "$CARGO_TARGET_DIR/release/$name"
done
`;
const MAIN = `export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.write(JSON.stringify(argv));
  return argv.length;
}
`;

/** How a run of the launcher ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running launcher. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds this text; the run's own end resolves it too. */
  stderrHas(text: string): Promise<void>;
}

/** Makes a checkout below the system's temporary folder; `remove` it at the end. */
export class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), "astrid-checkout-"));
  readonly environment: Record<string, string> = {
    PATH: join(this.root, "tools"),
    CARGO_LOG: join(this.root, "cargo.log"),
  };

  readonly #children: ChildProcess[] = [];

  constructor() {
    for (const path of COPIED) cpSync(join(ROOT, path), join(this.root, path), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(this.root, "node_modules"));
    this.write("native/Cargo.toml", '[package]\nrust-version = "1.95"\n');
    this.write("native/src/lib.rs", "");
    this.write("package-lock.json", "{}");
    this.write("ts/cli/main.ts", MAIN);
    this.tool("cargo", CARGO);
    this.tool("rustc", "#!/bin/sh\necho 'rustc 1.95.0 (59807616e 2026-04-14)'\n");
    this.tool("cc", "#!/bin/sh\necho 'cc 12.2.0'\n");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  tool(name: string, script: string): void {
    const path = join(this.root, "tools", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, script, { mode: 0o755 });
  }

  removeTool(name: string): void {
    rmSync(join(this.root, "tools", name));
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** The arguments of each cargo call so far, version queries left out. */
  cargoCalls(): string[] {
    const log = this.environment["CARGO_LOG"] ?? "";
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  }

  /** Starts the launcher, or another script of the checkout. */
  start(args: readonly string[], options: { script?: string } = {}): Running {
    const script = join(this.root, options.script ?? "bin/astrid-native.js");
    const child = spawn(process.execPath, [script, ...args], { env: this.environment });
    this.#children.push(child);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => {
      output.stdout += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      output.stderr += String(chunk);
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once("close", (code) => resolve({ code, ...output }));
    });
    const stderrHas = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => (output.stderr.includes(text) ? resolve() : undefined);
        look();
        child.stderr.on("data", look);
        child.once("close", () => resolve());
      });
    return { child, ended, stderrHas };
  }

  run(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  remove(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.root, { recursive: true, force: true });
  }
}
