// Writes the pages of docs/ that are made from tables/*.json and from the addon's own tables.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { createRequire } from "node:module";

import { KINDS_PAGE, kinds } from "./kinds.js";
import { PAGES } from "./pages.js";

const ROOT = new URL("../..", import.meta.url);

mkdirSync(new URL("docs", ROOT), { recursive: true });
const { auditTables } = createRequire(import.meta.url)("../../dist/native/astrid-native.node");
const commands = JSON.parse(readFileSync(new URL("tables/commands.json", ROOT), "utf8"));
writeFileSync(new URL(KINDS_PAGE, ROOT), kinds({ ...auditTables(), commands }));
for (const { path, table, render } of PAGES) {
  const rows = JSON.parse(readFileSync(new URL(table, ROOT), "utf8"));
  writeFileSync(new URL(path, ROOT), render(rows));
}
