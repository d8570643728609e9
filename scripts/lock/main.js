// Writes package-lock.json so that `npm ci` works with any registry: without addresses, and with
// an entry for the binaries of every platform. npm leaves out those that its registry does not
// serve, and `npm ci` then refuses its own lock.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

import { completeLock } from "./complete.js";

const LOCK = new URL("../../package-lock.json", import.meta.url);
const folder = new URL("../..", import.meta.url);
const options = ["--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"];

execFileSync("npm", ["install", ...options], { cwd: folder, stdio: "inherit" });
const lock = completeLock(JSON.parse(readFileSync(LOCK, "utf8")));
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
