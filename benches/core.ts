import { output } from "./build.js";
import type { Figure } from "./figure.js";
import type { Stage } from "./stage.js";

/** Runs one bench of the Rust program. */
export function inCore(name: string): (stage: Stage) => Promise<Figure[]> {
  return async ({ programs, componentFile }) => {
    const lines = await output(programs.core, [componentFile, name]);
    return lines.map((line) => JSON.parse(line) as Figure);
  };
}
