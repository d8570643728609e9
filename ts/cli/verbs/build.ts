import { basename, dirname, join, resolve } from "node:path";

import { fail } from "../../base/errors.js";
import { examine, type Prepared } from "../../kernel/prepare.js";
import type { Context, Verb } from "../context.js";
import { capsuleDocument, toJson } from "../documents.js";
import type { Arguments } from "../flags.js";
import { operand } from "../operand.js";
import { withProgress } from "../progress.js";

export const build: Verb = {
  name: "build",
  operand: "<folder>",
  about: "builds a capsule's source to one WebAssembly component",
  details: ["The source's own code runs only inside the build's sandbox."],
  flags: { out: { value: "<file>", about: "where it goes; <name>.wasm in the folder by default" } },
  examples: [
    "astrid-native build ./my-capsule",
    "astrid-native build ./my-capsule --out tool.wasm",
  ],
  run: buildVerb,
};

async function buildVerb(context: Context, args: Arguments): Promise<number> {
  const { powers, print } = context;
  const folder = resolve(powers.host.workingFolder(), operand(args, "a capsule's folder to build"));
  const found = await powers.files.stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    fail("ASTRID_NOT_FOUND", `${JSON.stringify(args.words[0])} is not a folder`, {
      hints: ["a capsule is a folder with a Capsule.toml"],
    });
  }
  const capsule = await withProgress(context, `building ${basename(folder)}`, () =>
    examine(powers, folder),
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
  if (args.has("json")) print.json(toJson({ ...capsuleDocument(capsule), file }));
  return 0;
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
