// The verifier as a program: `node main.js <audit folder> [--key <fingerprint>] [<kept file>]…`.
// Needs nothing of the kernel; prints the ranges as one JSON line. Exit code 7 when it finds
// something, as the product.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { Finding, hex } from "./bytes.js";
import { verifyLog } from "./verify.js";

const EXIT_INTEGRITY = 7;

function main() {
  const { values, positionals } = parseArgs({
    options: { key: { type: "string" } },
    allowPositionals: true,
  });
  const [folder = ".", ...kept] = positionals;
  const anchors = kept.map((path) => new Uint8Array(readFileSync(path)));
  const { root, ...found } = verifyLog(folder, { anchors, fingerprint: values.key });
  return { ...found, root: hex(root) };
}

const plain = (_, value) => (typeof value === "bigint" ? String(value) : value);

try {
  process.stdout.write(`${JSON.stringify(main(), plain)}\n`);
} catch (error) {
  if (!(error instanceof Finding)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = EXIT_INTEGRITY;
}
