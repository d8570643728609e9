import { readFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { VERBS } from "../../../ts/cli/main.js";
import { Scene } from "../kernel/scene.js";
import { astrid } from "./program.js";

describe("help", () => {
  test.each(VERBS.map(({ name }) => name))("of %s has its flags and examples", async (name) => {
    const { code, stdout } = await astrid([...name.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`usage: astrid-native ${name}`);
    expect(stdout).toContain(`\n  npx astrid-native ${name}`);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("of the program names every verb", async () => {
    const { code, stdout } = await astrid(["--help"]);
    expect(code).toBe(0);
    for (const { name } of VERBS) expect(stdout).toContain(`\n  ${name}`);
  });

  test.each([
    [["rnu"], "did you mean astrid-native run?"],
    [["run", "x", "--drry-run"], "did you mean --dry-run?"],
    [[], "verbs: run"],
    [["run"], "name a capsule"],
    [["run", "a", "b"], "one word too many"],
    [["doctor", "x"], "one word too many"],
  ])("%j is a usage error that helps", async (args, text) => {
    const { code, stderr, stdout } = await astrid(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(text);
  });
});

describe("build and inspect", () => {
  test("agree on the component", async () => {
    await using scene = await Scene.make();
    const manifest = 'manifest = 1\nname = "small"\nversion = "0.1.0"\nsource = "index.js"\n';
    await scene.write("small/Capsule.toml", `${manifest}[grants]\n"log.write" = true\n`);
    await scene.write("small/index.js", "export default { handle: async () => '1' };");
    const out = scene.path("out.wasm");
    const built = await astrid(["build", scene.path("small"), "--out", out, "--json"]);
    expect(built.code).toBe(0);
    const document = JSON.parse(built.stdout);
    expect(document).toMatchObject({
      name: "small",
      version: "0.1.0",
      size: (await readFile(out)).length,
      file: out,
      requests: [{ verb: "log.write", pattern: "" }],
    });
    const bare = JSON.parse((await astrid(["inspect", out, "--json"])).stdout);
    expect(bare.digest).toBe(document.digest);
    expect(bare.imports).toEqual(document.imports);
    expect(bare.exports).toContain("handle");
    const shown = await astrid(["inspect", out]);
    expect(shown.stdout).toContain(`digest    ${document.digest}`);
    expect(shown.stdout).toContain("astrid:capsule/log@0.1.0");
  });

  test("show and write the build that a run takes, whatever else lies in the folder", async () => {
    await using scene = await Scene.make();
    const manifest = 'manifest = 1\nname = "small"\nversion = "0.1.0"\nsource = "index.js"\n';
    await scene.write("small/Capsule.toml", `${manifest}[grants]\n"log.write" = true\n`);
    await scene.write("small/index.js", "export default { handle: async () => '1' };");
    const home = ["--home", scene.home, "--json"];
    const digest = async (...args: string[]): Promise<string> => {
      const { stdout } = await astrid([...args, ...home]);
      const document = JSON.parse(stdout);
      return document.capsule?.digest ?? document.digest;
    };
    const ran = await digest("run", scene.path("small"));
    expect(await digest("inspect", scene.path("small"))).toBe(ran);
    expect(await digest("build", scene.path("small"))).toBe(ran);
    expect(await digest("inspect", scene.path("small/small.wasm"))).toBe(ran);
    expect(await digest("run", scene.path("small"))).toBe(ran);
  });

  test("of what is no capsule's folder say what it is", async () => {
    await using scene = await Scene.make();
    const shipped = await astrid(["build", "search"]);
    expect(shipped.code).toBe(2);
    expect(shipped.stderr).toContain("build takes a folder; search is a shipped capsule");
    for (const verb of ["run", "build", "inspect"]) {
      const { code, stderr } = await astrid([verb, scene.workspace, "--home", scene.home]);
      expect({ verb, code }).toEqual({ verb, code: 2 });
      expect(stderr).toContain("has no Capsule.toml, so it is no capsule");
    }
  });

  test("show the author's line when the source is wrong", async () => {
    await using scene = await Scene.make();
    const manifest = 'manifest = 1\nname = "small"\nversion = "0.1.0"\nsource = "index.js"\n';
    await scene.write("small/Capsule.toml", manifest);
    await scene.write("small/index.js", "export const handle = = 1;");
    const { code, stderr } = await astrid(["build", scene.path("small")]);
    expect(code).toBe(6);
    expect(stderr).toContain("index.js:1:");
    expect(await astrid(["build", scene.path("gone")])).toMatchObject({ code: 2 });
  });
});

describe("a built component", () => {
  test("is said to have left its manifest's grants and settings behind", async () => {
    await using scene = await Scene.make();
    const manifest = 'manifest = 1\nname = "small"\nversion = "0.1.0"\nsource = "index.js"\n';
    const own = '"log.write" = true\n"config.read" = ["*"]\n';
    const asked = `[grants]\n${own}"fs.read" = ["workspace://**", "tmp://**"]\n`;
    await scene.write("small/Capsule.toml", `${manifest}${asked}[config]\ncolour = "red"\n`);
    await scene.write("small/index.js", "export default { handle: async () => '1' };");
    const { stderr } = await astrid(["build", scene.path("small"), "--home", scene.home]);
    expect(stderr).toContain("does not travel with the component: run it with\n");
    expect(stderr).toContain("  --grant 'fs.read=workspace://**'\n");
    expect(stderr.match(/--grant/g)).toHaveLength(1);
    expect(stderr).toContain("settings do not travel");
  });
});

describe("doctor", () => {
  test("says what is enforced, and what is wrong", async () => {
    await using scene = await Scene.make();
    const well = await astrid(["doctor", "--home", scene.home]);
    expect(well.code).toBe(0);
    expect(well.stdout).toMatch(/^ok {3}addon .*Wasmtime \d/m);
    expect(well.stdout).toMatch(/^ok {3}paths .*links are never followed/m);
    const ill = await astrid(["doctor", "--home", scene.workspace, "--json"]);
    expect(ill.code).toBe(0);
    await scene.write("foreign/file", "");
    const foreign = await astrid(["doctor", "--home", scene.path("foreign"), "--json"]);
    expect(foreign.code).toBe(2);
    expect(JSON.parse(foreign.stdout).checks).toContainEqual(
      expect.objectContaining({ name: "home", code: "ASTRID_HOME" }),
    );
  });
});
