import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, utimesSync, writeSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { Checkout } from "./checkout.js";

let checkout: Checkout;
beforeEach(() => {
  checkout = new Checkout();
});
afterEach(() => checkout.remove());

describe("the first command in a checkout", () => {
  test("builds, says so on stderr, and hands on arguments and exit code", async () => {
    const { code, stdout, stderr } = await checkout.run("run", "--input", "{}");
    expect(stderr).toMatch(/building the addon .* done in \d/);
    expect(stderr).toMatch(/compiling TypeScript done in \d/);
    expect(stdout).toBe('["run","--input","{}"]');
    expect(code).toBe(3);
    expect(checkout.exists("dist/native/astrid-native.node")).toBe(true);
    expect(checkout.exists("dist/native/astrid-compiler")).toBe(true);
    expect(checkout.cargoCalls()).toEqual([
      expect.stringMatching(/^build --release --locked .*--workspace --lib --bins$/),
    ]);
  });

  test("builds where CARGO_TARGET_DIR says", async () => {
    checkout.environment["CARGO_TARGET_DIR"] = join(checkout.root, "elsewhere");
    await checkout.run();
    expect(checkout.exists("elsewhere/release/astrid-compiler")).toBe(true);
    expect(checkout.exists("dist/native/astrid-compiler")).toBe(true);
  });

  test("stays quiet when npx prepares the package, as its output would be hidden", async () => {
    checkout.environment["npm_command"] = "exec";
    const { code, stderr } = await checkout.start([], { script: "scripts/build/main.js" }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(checkout.exists("dist")).toBe(false);
  });
});

describe("a second command", () => {
  test("builds nothing, whatever the files' times say", async () => {
    await checkout.run();
    utimesSync(join(checkout.root, "native/src/lib.rs"), new Date(), new Date());
    utimesSync(join(checkout.root, "ts/cli/main.ts"), new Date(), new Date());
    const { stderr } = await checkout.run();
    expect(stderr).toBe("");
    expect(checkout.cargoCalls()).toHaveLength(1);
  });

  test("builds what changed, and only that", async () => {
    await checkout.run();
    checkout.write("native/src/lib.rs", "// changed");
    expect((await checkout.run()).stderr).not.toContain("TypeScript");
    expect(checkout.cargoCalls()).toHaveLength(2);
    checkout.write("ts/cli/main.ts", "export const main = async (): Promise<number> => 42;\n");
    expect((await checkout.run()).code).toBe(42);
    expect(checkout.cargoCalls()).toHaveLength(2);
  });

  test("builds again what was deleted", async () => {
    await checkout.run();
    rmSync(join(checkout.root, "dist/native/astrid-native.node"));
    await checkout.run();
    expect(checkout.exists("dist/native/astrid-native.node")).toBe(true);
  });

  test("leaves no output of a source that is gone", async () => {
    checkout.write("ts/old/gone.ts", "export const gone = 1;\n");
    await checkout.run();
    expect(checkout.exists("dist/ts/old/gone.js")).toBe(true);
    rmSync(join(checkout.root, "ts/old"), { recursive: true });
    await checkout.run();
    expect(checkout.exists("dist/ts/old")).toBe(false);
    expect(checkout.exists("dist/ts/cli/main.js")).toBe(true);
  });
});

describe("what can't be built is said without a stack", () => {
  test.each([
    ["cargo", /^astrid-native: building the addon needs Rust 1\.95 .*no cargo here.*rustup.*\n$/],
    ["cc", /^astrid-native: building the addon needs a C compiler: install .*\n$/],
  ])("%s is missing", async (tool, message) => {
    checkout.removeTool(tool);
    const { code, stderr } = await checkout.run();
    expect(stderr).toMatch(message);
    expect(code).toBe(70);
  });

  test("the Rust compiler is too old", async () => {
    checkout.tool("rustc", "#!/bin/sh\necho 'rustc 1.94.1 (abc 2026-01-01)'\n");
    const { stderr } = await checkout.run();
    expect(stderr).toMatch(/^astrid-native: .* needs Rust 1\.95 or newer, and this is 1\.94\.1: /);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  test("cargo fails: its own words are shown, and the next run tries again", async () => {
    checkout.environment["CARGO_FAILS"] = "1";
    const { code, stderr } = await checkout.run();
    expect(stderr).toContain("error: broken on purpose");
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(70);
    checkout.environment["CARGO_FAILS"] = "";
    expect((await checkout.run()).code).toBe(0);
  });

  test("TypeScript fails: the place is shown", async () => {
    checkout.write("ts/cli/main.ts", "export const main: number = 'text';\n");
    const { code, stderr } = await checkout.run();
    expect(stderr).toMatch(/ts\/cli\/main\.ts\(1,14\): error TS2322/);
    expect(code).toBe(70);
  });
});

describe("two commands at once", () => {
  test("build once: the second waits and says for whom", async () => {
    const gate = join(checkout.root, "gate");
    execFileSync("mkfifo", [gate]);
    checkout.environment["CARGO_GATE"] = gate;
    // Opened for both directions, so that neither opening nor writing waits for a reader.
    const opened = openSync(gate, "r+");
    const first = checkout.start(["a"]);
    await first.stderrHas("building the addon");
    const second = checkout.start(["b"]);
    await second.stderrHas("waiting");
    writeSync(opened, "go\n");
    const [a, b] = await Promise.all([first.ended, second.ended]);
    closeSync(opened);
    expect([a.stdout, b.stdout]).toEqual(['["a"]', '["b"]']);
    expect(b.stderr).toContain(`waiting for another build (process ${first.child.pid})`);
    expect(checkout.cargoCalls()).toHaveLength(1);
  });

  const locks = [
    ["of a process that is gone", "4194304 1"],
    ["that is not one of ours", "garbage"],
  ];
  // Only Linux tells without a further program when a process started.
  if (process.platform === "linux") {
    locks.push(["of a number that another process has now", `${process.pid} 1`]);
  }
  test.each(locks)("a lock %s is taken over", async (_, content) => {
    checkout.write("dist/.build-lock", content);
    const { code, stderr } = await checkout.run();
    expect(stderr).not.toContain("waiting");
    expect(code).toBe(0);
    expect(checkout.exists("dist/.build-lock")).toBe(false);
  });
});
