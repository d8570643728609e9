import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { BuildError } from "./error.js";

const INSTALL = "install it with rustup (https://rustup.rs), then run this again";

/** Fails with one line that says what to install when Rust or a C compiler is missing or old. */
export function checkToolchain(root) {
  const wanted = /^rust-version = "(.+)"$/m.exec(
    readFileSync(join(root, "native/Cargo.toml"), "utf8"),
  )[1];
  const purpose = `building the addon needs Rust ${wanted} or newer`;
  const found = versionOf("rustc");
  if (found === undefined || versionOf("cargo") === undefined) {
    throw new BuildError(`${purpose}, and there is no cargo here: ${INSTALL}`);
  }
  if (isOlder(found, wanted)) throw new BuildError(`${purpose}, and this is ${found}: ${INSTALL}`);
  const compilers = [process.env.CC, "cc", "clang", "gcc"].filter(Boolean);
  if (compilers.every((name) => versionOf(name) === undefined)) {
    throw new BuildError("building the addon needs a C compiler: install gcc or clang, then retry");
  }
}

/** The first version number that `program --version` prints; undefined when it can't be run. */
function versionOf(program) {
  try {
    const text = execFileSync(program, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? "0";
  } catch {
    return undefined;
  }
}

function isOlder(found, wanted) {
  const [a, b] = [found, wanted].map((version) => version.split(".").map(Number));
  return a[0] !== b[0] ? a[0] < b[0] : a[1] < b[1];
}
