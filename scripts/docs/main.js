// Writes the pages of docs/ that are made from tables/*.json.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { PAGES } from "./pages.js";

const ROOT = new URL("../..", import.meta.url);

mkdirSync(new URL("docs", ROOT), { recursive: true });
for (const { path, table, render } of PAGES) {
  const rows = JSON.parse(readFileSync(new URL(table, ROOT), "utf8"));
  writeFileSync(new URL(path, ROOT), render(rows));
}
