import type { Prepared } from "../../kernel/prepare.js";
import { examine } from "../../kernel/prepare.js";
import { describe } from "../ask.js";
import type { Context, Verb } from "../context.js";
import { capsuleDocument, toJson } from "../documents.js";
import { type Arguments, HOME_FLAG } from "../flags.js";
import { operand } from "../operand.js";
import { withProgress } from "../progress.js";

export const inspect: Verb = {
  name: "inspect",
  operand: "<folder | file.wasm | name>",
  about: "shows what a capsule is and asks for, without running it",
  details: ["Shows the build that a run with this home would take; without a home, a new one."],
  flags: HOME_FLAG,
  examples: [
    "npx astrid-native inspect search",
    "npx astrid-native inspect capsules/hostile/thief --json",
  ],
  run: inspectVerb,
};

async function inspectVerb(context: Context, args: Arguments): Promise<number> {
  const source = operand(args, "a capsule to inspect: a folder, a .wasm file or a name");
  const capsule = await withProgress(context, `building ${source}`, () =>
    examine(context.powers, source, args.text("home")),
  );
  if (args.has("json")) context.print.json(toJson(capsuleDocument(capsule)));
  else for (const line of lines(capsule)) context.print.row(line);
  return 0;
}

function lines(capsule: Prepared): string[] {
  const { name, source, digest, component, imports, exports, requests, manifest } = capsule;
  return [
    `${name}@${source}`,
    ...(manifest === undefined ? [] : [`version   ${manifest.version}`]),
    ...(manifest?.description === undefined ? [] : [`about     ${manifest.description}`]),
    `digest    ${digest}`,
    `size      ${component.length} bytes`,
    ...block("imports", imports),
    ...block("exports", exports),
    ...block("asks for", requests.map(describe)),
  ];
}

function block(title: string, rows: readonly string[]): string[] {
  const shown = rows.length === 0 ? ["nothing"] : rows;
  return shown.map((row, at) => `${(at === 0 ? title : "").padEnd(10)}${row}`);
}
