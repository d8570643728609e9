import { fileURLToPath } from "node:url";

import { run } from "./run.js";

const TYPES = "ts/sdk/generated/contract.d.ts";

/** The guest contract of wit/ as types for the sdk; they are made, not committed. */
export const contract = {
  name: "contract",
  title: "making types of the guest contract",
  inputs: ["wit", "scripts/build/types.js", "package-lock.json"],
  endings: [".wit"],
  outputs: [TYPES],
  check: () => {},

  async run(root, say) {
    const script = fileURLToPath(new URL("./types.js", import.meta.url));
    await run(process.execPath, [script], { cwd: root, env: process.env, say });
  },
};
