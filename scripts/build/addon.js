import { chmodSync, copyFileSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { run } from "./run.js";
import { checkToolchain } from "./toolchain.js";

const LIBRARY = {
  darwin: "libastrid_native_addon.dylib",
  linux: "libastrid_native_addon.so",
};
const ADDON = "dist/native/astrid-native.node";
const COMPILER = "dist/native/astrid-compiler";

const CARGO = ["--release", "--locked", "--color=never", "--manifest-path", "native/Cargo.toml"];

/** The Rust side: the addon, and the compiler program that runs as a process of its own. */
export const addon = {
  name: "addon",
  title: "building the addon (the first time takes some minutes)",
  inputs: [
    "native/Cargo.toml",
    "native/Cargo.lock",
    "native/addon",
    "native/build.rs",
    "native/src",
    "native/wasi",
    "tables",
    "wit",
  ],
  endings: [".rs", ".json", ".toml", ".wit"],
  outputs: [ADDON, COMPILER],
  check: checkToolchain,

  async run(root, say) {
    const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "native/target");
    const options = { cwd: root, env: { ...process.env, CARGO_TARGET_DIR: target }, say };
    // One call: the addon and the compiler program share the core.
    await run("cargo", ["build", ...CARGO, "--workspace", "--lib", "--bins"], options);
    const built = join(target, "release");
    install(join(built, LIBRARY[process.platform] ?? LIBRARY.linux), join(root, ADDON));
    install(join(built, "astrid-compiler"), join(root, COMPILER));
  },
};

/** Puts a file in place whole: a process that loaded the old one keeps it. */
function install(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}`;
  copyFileSync(from, temporary);
  chmodSync(temporary, 0o755);
  renameSync(temporary, to);
}
