// The commands of docs/audit.md, line by line in one home, as the page shows them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "@jest/globals";

import { nodePowers } from "../../ts/base/powers.js";
import { LAUNCH } from "../ts/cli/program.js";

const { packageFolder } = nodePowers().host;
const folder = mkdtempSync(join(tmpdir(), "astrid-audit-"));
const page = readFileSync(join(packageFolder, "docs", "audit.md"), "utf8");
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, body = ""]) => body.trim());
const lines = blocks.flatMap((block) => block.split("\n"));

/** What a line's output has to have; any other line's is not looked at. */
const SAYS: readonly [RegExp, RegExp][] = [
  [/--against kept\.txt --key/, /^records 1 to \d+ {2}anchored: .*\n(?!.*only this home)/],
  [/--against build\.txt/, /anchored/],
  [/--against \S*witness\.txt/, /anchored/],
  [/--proof proof\.txt/, /^record 1 is in the log of \d+ records$/m],
  [/audit show 1$/, /kernel\.start/],
  [/independent\/main\.js/, /"anchored":"\d+"/],
];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page has its commands", () => {
  expect(lines.length).toBeGreaterThan(10);
  for (const [which] of SAYS) expect(lines.filter((line) => which.test(line))).not.toEqual([]);
});

test.each(lines)("%s", (line) => {
  const command = line
    .replace("npx astrid-native", `node ${LAUNCH}`)
    .replace(/^node __tests__/, `node ${packageFolder}/__tests__`)
    // That it runs is shown by the README's test: one that comes to nothing is recorded as well.
    .replace("capsules/search", "nothing")
    .replace("/mnt/elsewhere/", `${folder}/`);
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ASTRID_NATIVE_HOME: join(folder, "home") },
  });
  const expected = line.includes(" run ") ? 2 : 0;
  expect([status, status === expected ? "" : stderr]).toEqual([expected, ""]);
  const [, says] = SAYS.find(([which]) => which.test(line)) ?? [];
  if (says !== undefined) expect(stdout).toMatch(says);
});
