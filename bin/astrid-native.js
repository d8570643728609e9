#!/usr/bin/env node
// Starts the command line. In a checkout of the sources it first builds what is out of date; an
// installed package holds everything built.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("..", import.meta.url);
const EXIT_INTERNAL = 70;

async function build() {
  const { ensureBuilt } = await import("../scripts/build/ensure.js");
  const { BuildError } = await import("../scripts/build/error.js");
  try {
    await ensureBuilt(fileURLToPath(ROOT));
    return true;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`astrid-native: ${error.message}\n`);
    return false;
  }
}

if (!existsSync(new URL("native/Cargo.toml", ROOT)) || (await build())) {
  const { main } = await import("../dist/ts/cli/main.js");
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.exitCode = EXIT_INTERNAL;
}
