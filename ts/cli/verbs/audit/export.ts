import { join, resolve } from "node:path";

import { queryRecords } from "../../../audit/query.js";
import { fail } from "../../../base/errors.js";
import { asking } from "../../../native/errors.js";
import { HOME_FLAG, logOf, signersOf } from "../../audit/home.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";
import { withProgress } from "../../progress.js";
import { lastOf } from "./checkpoint.js";

export const exporting: Verb = {
  name: "audit export",
  operand: "",
  about: "prints all records as JSON, one a line, or writes the log's tree for other tools",
  details: [
    "64-bit numbers are strings; docs/audit.md says what each field means.",
    "With --tiles the last checkpoint and the hashes under it are written, and no record.",
  ],
  flags: {
    tiles: { value: "<folder>", about: "make this folder, and write c2sp.org/tlog-tiles into it" },
    ...HOME_FLAG,
  },
  examples: [
    "npx astrid-native audit export > records.ndjson",
    "npx astrid-native audit export --tiles public",
  ],
  run: exportVerb,
};

async function exportVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const tiles = args.text("tiles");
  if (tiles !== undefined) return exportTiles(context, args, tiles);
  const { native } = await logOf(context, args);
  const { print, signal, powers } = context;
  for await (const record of queryRecords({ native, clock: powers.clock }, { signal })) {
    print.json(toJson(record));
    if (!(await print.drained())) break;
  }
  if (signal.aborted) fail("ASTRID_CANCELLED", "interrupted");
  return 0;
}

async function exportTiles(context: Context, args: Arguments, name: string): Promise<number> {
  const { powers, print } = context;
  const { home, native } = await logOf(context, args);
  const { size, root, source } = await lastOf(context, home, await signersOf(context, home));
  const folder = resolve(powers.host.workingFolder(), name);
  await withProgress(context, "writing tiles", () =>
    asking(() => native.tiles(size, root, folder)),
  );
  // Last, so that who finds a checkpoint finds what it stands for.
  await powers.files.writeFile(join(folder, "checkpoint"), source, { flag: "wx" });
  if (args.has("json")) print.json(toJson({ outcome: "done", records: size }));
  else print.row(`wrote the tree of ${size} records`);
  return 0;
}
