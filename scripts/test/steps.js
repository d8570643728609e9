import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ensureBuilt } from "../build/ensure.js";
import { BuildError } from "../build/error.js";
import { countCargo, countJest, withExitCode } from "./report.js";

const CARGO = ["--manifest-path", "native/Cargo.toml"];
const JEST_REPORT = "dist/.jest.json";
/** For the inner loop: what is compiled again after a change is small, and not made fast. */
const INNER_LOOP = [
  ...["--config", "profile.release.incremental=true"],
  ...["--config", "profile.release.package.astrid-native.codegen-units=256"],
];
/** Tests that build capsules or start many processes. */
const SLOW = [
  "slow",
  "hostile",
  "interfaces",
  "scripts",
  "docs",
  "ts/cli/[^/]*(?:run|terminal|full|verbs)",
  "ts/capsule/(?:build|cache|search)",
];

/** Builds addon and TypeScript, as the first command would. */
export const buildAll = {
  name: "build",
  run: async (root) => {
    try {
      await ensureBuilt(root);
      return { passed: 0, failed: 0 };
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      process.stderr.write(`${error.message}\n`);
      return { passed: 0, failed: 1 };
    }
  },
};

/** Format and lint, for both languages. */
export const CHECKS = [
  check("biome", "node_modules/.bin/biome", ["ci", "."]),
  check("rustfmt", "cargo", ["fmt", "--all", ...CARGO, "--check"]),
  check("clippy", "cargo", [
    ...["clippy", "--release", "--locked", ...CARGO],
    ...["--workspace", "--all-targets", "--", "-D", "warnings"],
  ]),
];

/** The tests of both languages. */
export const SUITES = [
  { name: "cargo test", run: runCargo },
  { name: "jest", run: runJest },
];

function check(name, program, args) {
  const run = async (root) => {
    const { code } = await show(root, program, args);
    return { passed: 0, failed: code === 0 ? 0 : 1 };
  };
  return { name, run };
}

async function runCargo(root, { fast }) {
  // The whole workspace, as the build: another choice of packages compiles Wasmtime again.
  const args = ["test", "--release", "--locked", ...CARGO, "--workspace"];
  if (fast) args.push(...INNER_LOOP, "--lib", "--", "--skip", "slow_");
  const { code, output } = await show(root, "cargo", args);
  return withExitCode(countCargo(output), code);
}

async function runJest(root, { fast }) {
  const report = join(root, JEST_REPORT);
  rmSync(report, { force: true });
  const args = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
  args.push("node_modules/jest/bin/jest.js", "--json", `--outputFile=${JEST_REPORT}`);
  if (fast) args.push(`--testPathIgnorePatterns=/(?:${SLOW.join("|")})[./]`);
  const { code } = await show(root, process.execPath, args, { quiet: true });
  return withExitCode(readReport(report), code);
}

function readReport(path) {
  try {
    return countJest(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { passed: 0, failed: 0 };
  }
}

/** Runs a program, shows what it prints and keeps its standard output unless `quiet`. */
async function show(root, program, args, { quiet = false } = {}) {
  const stdout = quiet ? "ignore" : "pipe";
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", stdout, "inherit"] });
  const chunks = [];
  child.stdout?.on("data", (chunk) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${program} can't be started: ${error.message}\n`);
      resolve(1);
    });
    child.once("close", (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, output: Buffer.concat(chunks).toString() };
}
