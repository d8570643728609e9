// Writes ts/sdk/generated/contract.d.ts: the guest contract of wit/ as QuickJS shows it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { types } from "@bytecodealliance/jco";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUT = join(ROOT, "ts/sdk/generated");
const PREFIX = /(?:^|\/)interfaces\/astrid-capsule-([a-z-]+)\.d\.ts$/;

const witFolder = await mkdtemp(join(tmpdir(), "astrid-types-"));
try {
  const names = await copyContract(witFolder);
  const files = await types(witFolder, { name: "contract", worldName: "contract" });
  const modules = Object.entries(files).flatMap(([path, bytes]) => {
    const name = PREFIX.exec(path)?.[1];
    return name === undefined ? [] : [ambientModule(name, new TextDecoder().decode(bytes))];
  });
  if (modules.length !== names.length) throw new Error(`${modules.length} of ${names.length} made`);
  await mkdir(OUT, { recursive: true });
  await writeFile(join(OUT, "contract.d.ts"), [header(), ...modules].join("\n"));
} finally {
  await rm(witFolder, { recursive: true, force: true });
}

/** Copies wit/ with a world that imports every interface; their names, `types` among them. */
async function copyContract(folder) {
  const interfaces = [];
  for (const file of await readdir(join(ROOT, "wit"))) {
    const text = await readFile(join(ROOT, "wit", file), "utf8");
    await writeFile(join(folder, file), text);
    interfaces.push(...[...text.matchAll(/^interface ([a-z-]+) \{/gm)].map((match) => match[1]));
  }
  const imports = interfaces.map((name) => `import ${name};`).join(" ");
  const world = `package astrid:capsule@0.1.0;\nworld contract { include handler; ${imports} }\n`;
  await writeFile(join(folder, "world.wit"), world);
  return interfaces;
}

/** The declarations of one interface, with the types that jco's own bindings differ in. */
function ambientModule(name, text) {
  const body = text
    .replace(/^\/\*\* @module .*\n/, "")
    .replaceAll(
      /import\('\.\/astrid-capsule-([a-z-]+)\.js'\)/g,
      'import("astrid:capsule/$1@0.1.0")',
    )
    // 64-bit integers are numbers, exact up to 2^53.
    .replaceAll(/\bbigint\b/g, "number")
    // A future is read, not awaited; a stream of bytes comes in chunks.
    .replaceAll("PromiseLike<Result<", "Future<Result<")
    .replaceAll("AsyncIterable<number>", "AsyncIterable<Uint8Array>")
    // Absent is null, in fields too; flags are the only optional booleans.
    .replaceAll("| undefined", "| null")
    .replaceAll(/^(\s*)([A-Za-z]+)\?: (?!boolean\b)(.*?),?$/gm, "$1$2: $3 | null,")
    .replaceAll("private constructor();", "private constructor();\n  [Symbol.dispose](): void;")
    .replaceAll(/^(?=.)/gm, "  ");
  return `declare module "astrid:capsule/${name}@0.1.0" {\n${body.trimEnd()}\n}\n`;
}

function header() {
  return `// Made by scripts/build/types.js from wit/; not edited, not committed.

/** A value that comes later; reading it twice gives the same promise. */
interface Future<T> {
  read(): Promise<T>;
  /** Ends a pending read, whose promise then rejects. */
  cancelRead(): unknown;
  drop(): void;
}
`;
}
