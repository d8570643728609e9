import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { componentWit } from "@bytecodealliance/jco";
import { describe, expect, it } from "@jest/globals";

import { isAstridError } from "../../../ts/base/errors.js";
import { limit } from "../../../ts/base/limits.js";
import { nodePowers } from "../../../ts/base/powers.js";
import { type BuildOptions, type Built, buildCapsule } from "../../../ts/capsule/build.js";
import { manifest, temporaryFolder } from "./folder.js";

const powers = nodePowers();
const GREEDY =
  "const a: unknown[] = []; try { for (;;) a.push(new Uint8Array(1 << 20).fill(1)); } catch {}";
const HANDLER = "export default { handle: async () => null };";

type Content = Readonly<Record<string, string | Uint8Array>>;

async function build(content: Content, options?: BuildOptions): Promise<Built> {
  await using folder = await temporaryFolder(content);
  return await buildCapsule(powers, folder.path, options);
}

/** The message and hints of a build that fails. */
async function refusal(content: Content, options?: BuildOptions): Promise<string> {
  try {
    await build({ "Capsule.toml": manifest(), ...content }, options);
  } catch (error) {
    if (!isAstridError(error) || error.code !== "ASTRID_BUILD") throw error;
    return [error.message, ...(error.details.hints ?? [])].join("\n");
  }
  throw new Error("the build succeeded");
}

async function imports(component: Uint8Array): Promise<string[]> {
  const wit = await componentWit(component);
  return [...wit.matchAll(/^ {2}import astrid:capsule\/([a-z]+)@/gm)]
    .map((match) => match[1] ?? "")
    .filter((name) => name !== "types")
    .sort();
}

describe("a build", () => {
  it("makes a component that imports what its code uses of its grants", async () => {
    const built = await build({
      "Capsule.toml": manifest('"log.write" = true', '"kv.read" = ["**"]', '"kv.write" = ["**"]'),
      "src/index.ts": `
        import { defineCapsule } from "astrid-native/sdk";
        import * as log from "astrid-native/sdk/log";
        import * as kv from "astrid-native/sdk/kv";
        import { key } from "./key.js";
        import settings from "../settings.json";
        export default defineCapsule({
          handle(input: { n: number }): number {
            log.info(new TextDecoder().decode(kv.get(key) ?? new Uint8Array()));
            return input.n + settings.n;
          },
        });`,
      "src/key.ts": 'export const key: string = "k";',
      "settings.json": '{ "n": 5 }',
    });
    expect(await imports(built.component)).toEqual(["kv", "log"]);
    expect(built.worldWit).toContain("import kv;\n  import log;\n}");
    expect(built.warnings).toEqual([]);
  });

  it("finds packages inside the folder", async () => {
    const built = await build({
      "Capsule.toml": manifest(),
      "src/index.ts": `import { two } from "pack"; ${HANDLER} globalThis.x = two;`,
      "node_modules/pack/package.json": '{ "name": "pack", "exports": { ".": "./lib/main.cjs" } }',
      "node_modules/pack/lib/main.cjs": "exports.two = 2;",
    });
    expect(built.inputs.map(({ path }) => path.split("/").at(-1))).toContain("main.cjs");
  });

  it("leaves Web globals out of a component that does not use them", async () => {
    const source = (use: string) => `export default { handle: async () => String(${use}) };`;
    const files = { "Capsule.toml": manifest() };
    const without = await build({ ...files, "src/index.ts": source("1") });
    const withText = await build({ ...files, "src/index.ts": source("new TextEncoder()") });
    expect(withText.component.length).toBeGreaterThan(without.component.length);
  });

  it("reads a prebuilt component", async () => {
    const lines = manifest().replace('source = "src/index.ts"', 'component = "x.wasm"');
    const built = await build({ "Capsule.toml": lines, "x.wasm": Uint8Array.of(0, 97, 115, 109) });
    expect([...built.component]).toEqual([0, 97, 115, 109]);
  });

  it("ignores the folder's own configuration", async () => {
    const built = await build({
      "Capsule.toml": manifest(),
      "src/index.ts": HANDLER,
      "tsconfig.json": '{ "extends": "/nowhere.json", "compilerOptions": { "paths": "broken" } ',
      "rolldown.config.js": "throw new Error('run');",
      "package.json": '{ "scripts": { "prepare": "exit 1" }, "type": "module" }',
      ".env": "SECRET=1",
    });
    expect(built.component.length).toBeGreaterThan(0);
  });
});

describe("an import", () => {
  const importing = (specifier: string, more: Content = {}) =>
    refusal({
      "src/index.ts": [
        "// first line",
        `import x from ${JSON.stringify(specifier)};`,
        HANDLER,
        "x();",
      ].join("\n"),
      ...more,
    });

  it.each([
    ["../../outside.js", '"../../outside.js" is not found'],
    ["/etc/passwd", '"/etc/passwd": an import can\'t be an absolute path'],
    ["\\\\server\\share", "an import can't be an absolute path"],
    ["file:///etc/passwd", "only files of the capsule can be imported, no URLs"],
    ["data:text/javascript,export default 1", "no URLs"],
    ["https://example.com/x.js", "no URLs"],
    ["node:fs", "a capsule has no Node modules"],
    ["fs", "a capsule has no Node modules"],
    ["astrid:capsule/fs@0.1.0", 'needs the grant "fs.read" or "fs.write"'],
    ["astrid:capsule/clock", 'needs the grant "clock.read"'],
    ["astrid:capsule/fs@9.9.9", "is not an interface of this version"],
    ["astrid:capsule/types@0.1.0", "is not an interface of this version"],
    ["wasi:filesystem/preopens@0.2.12", "no URLs"],
    ["astrid-native/sdk/fs", 'add it to [grants] in Capsule.toml: "fs.read" = …'],
    ["astrid-native/sdk/../capsule/build.js", "is not a part of the sdk"],
    ["astrid-native", '"astrid-native" is not found'],
    ["smol-toml", '"smol-toml" is not found'],
  ])("of %j is refused at its line", async (specifier, expected) => {
    const text = await importing(specifier);
    expect(text).toMatch(/^src\/index\.ts:2:15: /);
    expect(text).toContain(expected);
    expect(text).toContain("\n  2 | import x from ");
  });

  it("can't leave the folder by .. to a file that exists", async () => {
    await using outside = await temporaryFolder({ "secret.json": '{ "a": 1 }', "c/.keep": "" });
    await outside.write("c/Capsule.toml", manifest());
    await outside.write("c/src/index.ts", `import x from "../../secret.json"; ${HANDLER} x.a;`);
    await expect(buildCapsule(powers, join(outside.path, "c"))).rejects.toMatchObject({
      code: "ASTRID_BUILD",
      message: expect.stringContaining("leads out of the capsule's folder"),
    });
  });

  it("can't leave the folder by a link, of a file, a folder or the entry", async () => {
    await using outside = await temporaryFolder({ "secret.js": "export default 1;" });
    await using folder = await temporaryFolder({ "Capsule.toml": manifest(), "src/.keep": "" });
    await symlink(join(outside.path, "secret.js"), join(folder.path, "src/link.js"));
    await symlink(outside.path, join(folder.path, "src/far"));
    for (const from of ["./link.js", "./far/secret.js"]) {
      await folder.write("src/index.ts", `import x from "${from}"; ${HANDLER} x;`);
      await expect(buildCapsule(powers, folder.path)).rejects.toThrow("leads out of");
    }
    await powers.files.rm(join(folder.path, "src/index.ts"));
    await symlink(join(outside.path, "secret.js"), join(folder.path, "src/index.ts"));
    await expect(buildCapsule(powers, folder.path)).rejects.toThrow("is reached by a link");
  });

  it("can't leave the folder by a package's own mapping", async () => {
    const text = await refusal({
      "src/index.ts": `import x from "#x"; ${HANDLER} x;`,
      "package.json": '{ "imports": { "#x": "../../../../../../etc/passwd" } }',
    });
    expect(text).toMatch(/^src\/index\.ts:1:15: "#x" (?:is not found|leads out)/);
  });

  it("by require, import() or export is refused too", async () => {
    for (const use of ['require("../../x")', 'import("../../x")', 'export * from "../../x"']) {
      const text = await refusal({ "src/index.ts": `${HANDLER}\n${use};` });
      expect(text).toMatch(/^src\/index\.ts:2:\d+: "\.\.\/\.\.\/x" is not found/);
    }
  });

  it("made while the source runs finds no file", async () => {
    for (const path of ["/etc/hostname", "../job.json", "./capsule.js.map", "/job.json"]) {
      const text = await refusal({
        "src/index.ts": `const p: string = ${JSON.stringify(path)}; await import(p);\n${HANDLER}`,
      });
      expect(text).toContain("src/index.ts");
    }
  });

  it("of another kind of file is refused", async () => {
    const text = await refusal({ "src/index.ts": `import "./a.css"; ${HANDLER}`, "src/a.css": "" });
    expect(text).toContain("src/a.css is not a module");
  });
});

describe("a source with an error", () => {
  it.each([
    ["const a = 1;\nlet b = = 2;", "src/index.ts:2:9: Unexpected token"],
    ["const a: string = 'x;\n", "src/index.ts:1:19: Unterminated string"],
  ])("in its syntax is shown at its line", async (source, expected) => {
    const text = await refusal({ "src/index.ts": source });
    expect(text).toContain(expected);
    expect(text).toContain(" | ");
  });

  it("in another file is shown there", async () => {
    const text = await refusal({
      "src/index.ts": `import "./b.js"; ${HANDLER}`,
      "src/b.ts": "\n\nfunction (",
    });
    expect(text).toMatch(/^src\/b\.ts:3:\d+: /);
  });

  it("that it throws while it is built is shown at its line", async () => {
    const text = await refusal({
      "src/index.ts": `interface Gone { a: 1 }\n\nthrow new Error("boom");\n${HANDLER}`,
    });
    expect(text).toMatch(/^src\/index\.ts:3:\d+: .*boom/);
  });

  it.each([
    ["export const x = 1;", "no capsule is exported"],
    ["export default 1;", "no capsule is exported"],
    ["export function handle() { return 1; }", "handle is exported by itself"],
  ])("of exporting no capsule is told of the author's file: %s", async (source, what) => {
    const text = await refusal({ "src/index.ts": source });
    const form = "export default defineCapsule({ handle(input) { … } })";
    expect(text).toBe(`src/index.ts: ${what}; write ${form}`);
  });

  it("that is missing is told", async () => {
    expect(await refusal({})).toBe("the source src/index.ts is missing");
  });
});

describe("a hostile source", () => {
  it("that never ends is stopped at the deadline", async () => {
    const text = await refusal(
      { "src/index.ts": `${HANDLER}\nfor (;;) {}` },
      { deadlineMs: 3_000 },
    );
    expect(text).toContain("the build took longer than 3000 ms and was stopped");
  });

  it("that waits for ever is stopped or refused", async () => {
    const text = await refusal(
      { "src/index.ts": `await new Promise(() => {});\n${HANDLER}` },
      { deadlineMs: 10_000 },
    );
    expect(text).not.toBe("");
  });

  it.each([
    ["typed arrays", "const a = []; for (;;) a.push(new Uint8Array(1 << 26).fill(1));"],
    ["objects", "const a = []; for (;;) a.push({ a });"],
    ["all it gets, and keeps it", `${GREEDY} globalThis.all = a;`],
    ["all it gets, and waits", `${GREEDY} await new Promise(() => {});`],
  ])("that takes memory without end (%s) is told its bound", async (_, source) => {
    await using folder = await temporaryFolder({
      "Capsule.toml": manifest(),
      "src/index.ts": `${source}\n${HANDLER}`,
    });
    await expect(buildCapsule(powers, folder.path, { memoryMib: 1024 })).rejects.toMatchObject({
      code: "ASTRID_BUILD",
      message: expect.stringContaining("build-memory-mib"),
      details: { limit: "build-memory-mib" },
    });
  });

  it("would have to take twice what an ordinary one fits in", async () => {
    const files = { "Capsule.toml": manifest(), "src/index.ts": HANDLER };
    const built = await build(files, { memoryMib: limit("build-memory-mib") / 2 });
    expect(built.component.length).toBeGreaterThan(0);
  });

  it("sees neither our environment nor our folder", async () => {
    const probe = "JSON.stringify([typeof process, Object.keys(globalThis)])";
    const text = await refusal({ "src/index.ts": `throw new Error(${probe});` });
    expect(text).toContain('["undefined",["performance","__cqjs","wit"]]');
  });
});
