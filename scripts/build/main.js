// Builds what is out of date. npm runs it after an install (`prepare`), people as `npm run build`.
import { fileURLToPath } from "node:url";

import { ensureBuilt } from "./ensure.js";
import { BuildError } from "./error.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXIT_INTERNAL = 70;

// npx links this folder into its cache and runs `prepare` there, with its output hidden. The
// launcher that it starts next builds as well, and shows what it does.
if (process.env.npm_command !== "exec") {
  try {
    await ensureBuilt(ROOT);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`astrid-native: ${error.message}\n`);
    process.exitCode = EXIT_INTERNAL;
  }
}
