import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { BuildError } from "./error.js";

const KEPT_LINES = 200;

/**
 * Runs a program without a shell and without input, hands each line of its output to `say`, and
 * fails with the last lines when it doesn't end with 0.
 */
export async function run(program, args, { cwd, env, say = () => {} }) {
  const lines = [];
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      say(line.trim());
    });
  }
  const outcome = await ended.catch((cause) => {
    throw new BuildError(`${program} can't be started: ${cause.message}`);
  });
  if (outcome !== 0) {
    throw new BuildError(`${lines.join("\n")}\n${program} ${args[0]} ended with ${outcome}`);
  }
}
