import { basename, dirname, join, resolve } from "node:path";

import { fail } from "../../base/errors.js";
import { openAddon } from "../../kernel/addon.js";
import { examine, type Prepared } from "../../kernel/prepare.js";
import { resolveSource } from "../../kernel/source.js";
import { grantFlag } from "../../policy/grant.js";
import { makePlan } from "../../policy/plan.js";
import type { Context, Verb } from "../context.js";
import { capsuleDocument, toJson } from "../documents.js";
import { type Arguments, HOME_FLAG } from "../flags.js";
import { PROGRAM } from "../help.js";
import { operand } from "../operand.js";
import { withProgress } from "../progress.js";

export const build: Verb = {
  name: "build",
  operand: "<folder>",
  about: "builds a capsule's source to one WebAssembly component",
  details: [
    "The source's own code runs only inside the build's sandbox. What a run with this home would",
    "take is written, if it is built already.",
  ],
  flags: {
    out: { value: "<file>", about: "where it goes; <name>.wasm in the folder by default" },
    ...HOME_FLAG,
  },
  examples: [
    "npx astrid-native build capsules/search --out search.wasm",
    "npx astrid-native build ./my-capsule",
  ],
  run: buildVerb,
};

async function buildVerb(context: Context, args: Arguments): Promise<number> {
  const { powers, print } = context;
  const folder = resolve(powers.host.workingFolder(), operand(args, "a capsule's folder to build"));
  const found = await powers.files.stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) await failNoFolder(context, args.words[0] ?? "");
  const capsule = await withProgress(context, `building ${basename(folder)}`, () =>
    examine(powers, folder, args.text("home")),
  );
  if (context.signal.aborted) fail("ASTRID_CANCELLED", "interrupted");
  const out = args.text("out");
  const file =
    out === undefined
      ? join(folder, `${capsule.name}.wasm`)
      : resolve(powers.host.workingFolder(), out);
  await write(context, file, capsule);
  for (const warning of capsule.warnings) print.line(`warning: ${warning}`, "yellow");
  print.line(`wrote ${file}: ${capsule.component.length} bytes, digest ${capsule.digest}`);
  noteManifest(context, capsule);
  if (args.has("json")) print.json(toJson({ ...capsuleDocument(capsule), file }));
  return 0;
}

async function failNoFolder({ powers }: Context, text: string): Promise<never> {
  const meant = await resolveSource(powers, text).catch(() => undefined);
  return meant?.kind === "folder"
    ? fail("ASTRID_NOT_FOUND", `build takes a folder; ${text} is a shipped capsule`, {
        hints: [`it needs no build: ${PROGRAM} run ${text}`],
      })
    : fail("ASTRID_NOT_FOUND", `${JSON.stringify(text)} is not a folder`, {
        hints: ["a capsule is a folder with a Capsule.toml"],
      });
}

/** Says what a run of the component lacks that a run of the folder had. */
function noteManifest({ print, powers }: Context, { requests, config }: Prepared): void {
  const { kinds } = openAddon(powers);
  const flags = makePlan({ requests, flags: [], hasWorkspace: false, kinds }).missing.map(
    grantFlag,
  );
  if (flags.length > 0) {
    print.line("the manifest does not travel with the component: run it with");
    for (const flag of flags) print.line(`  ${flag}`);
  }
  if (Object.keys(config).length > 0) print.line("the manifest's settings do not travel with it");
}

/** Puts the component in place whole, and only where a plain file is or nothing. */
async function write(
  { powers }: Context,
  file: string,
  { component, digest }: Prepared,
): Promise<void> {
  const { files } = powers;
  const there = await files.lstat(file).catch(() => undefined);
  if (there !== undefined && !there.isFile()) {
    fail("ASTRID_NOT_A_FILE", `${JSON.stringify(file)} is there and is not a plain file`);
  }
  const temporary = join(dirname(file), `.${basename(file)}.${digest.slice(0, 16)}`);
  try {
    await files.writeFile(temporary, component);
    await files.rename(temporary, file);
  } catch (cause) {
    await files.rm(temporary, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    fail("ASTRID_IO", `${JSON.stringify(file)} can't be written (${code})`, { cause });
  }
}
