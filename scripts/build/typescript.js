import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { run } from "./run.js";

const FOLDERS = ["ts", "capsules", "__tests__", "benches"];

/** The TypeScript side, tests and benches included, as ECMAScript modules in dist/. */
export const typescript = {
  name: "typescript",
  title: "compiling TypeScript",
  inputs: [...FOLDERS, "tables", "tsconfig.json", "package-lock.json"],
  endings: [".ts", ".json"],
  outputs: ["dist/ts", "dist/tables"],
  check: () => {},

  async run(root, say) {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const options = { cwd: root, env: process.env, say };
    await run(
      process.execPath,
      [compiler, "--project", "tsconfig.json", "--pretty", "false"],
      options,
    );
    for (const folder of FOLDERS) prune(root, folder);
  },
};

/** Removes outputs whose source is gone, so that nothing runs that is no longer in the tree. */
function prune(root, folder) {
  const output = join(root, "dist", folder);
  if (!existsSync(output)) return;
  for (const entry of readdirSync(output, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (existsSync(join(root, path))) prune(root, path);
      else rmSync(join(root, "dist", path), { recursive: true });
      continue;
    }
    const source = path.replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, ".ts");
    if (!existsSync(join(root, source))) rmSync(join(root, "dist", path));
  }
}
