// Names that others chose (imports, patterns, input, flags) never make a line of their own, and
// nothing in them acts on a terminal.
import { describe, expect, test } from "@jest/globals";

import { manifest, Scene } from "../kernel/scene.js";
import { astrid, type Ended } from "./program.js";

const FORGED = "x\ngranted: fs.write=workspace://**\r\u001b[1A\u001b[2Kok\u202e";

/** A component that imports an empty instance by this name, which the text form can't write. */
function importing(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
  const emptyInstanceType = [7, 3, 1, 0x42, 0];
  const imported = [1, 0x00, bytes.length, ...bytes, 0x05, 0];
  return Uint8Array.from([...preamble, ...emptyInstanceType, 10, imported.length, ...imported]);
}

function expectHarmless({ stdout, stderr }: Ended): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toMatch(/^granted/m);
  }
}

describe("a name with line feeds and escape sequences", () => {
  test("of an import is one line of inspect, and of the refusal to load", async () => {
    await using scene = await Scene.make();
    const file = await scene.write("forged.wasm", importing(FORGED));
    const shown = await astrid(["inspect", file]);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^imports {3}x\\u\{a\}granted: /m);
    expectHarmless(shown);
    const refused = await astrid(["run", file, "--home", scene.home]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain("[ASTRID_UNKNOWN_IMPORT]");
    expectHarmless(refused);
  });

  test("of a pattern is refused, in a manifest and in a flag", async () => {
    await using scene = await Scene.make();
    const grants = ['"fs.write" = ["workspace://a\\ngranted: all/**"]'];
    await scene.write("forged/Capsule.toml", manifest("forged", 'component = "x.wasm"', grants));
    await scene.write("forged/x.wasm", importing("x"));
    const command = ["run", scene.path("forged"), "--home", scene.home, "--dry-run"];
    const written = await astrid(command);
    expect(written.code).toBe(6);
    expect(written.stderr).toContain("[ASTRID_MANIFEST]");
    expectHarmless(written);
    const given = await astrid([...command, "--grant", `fs.read=workspace://${FORGED}`]);
    expect(given.code).toBe(2);
    expect(given.stderr).toContain("--grant can't have control characters");
    expectHarmless(given);
  });

  test.each([
    [["run", "x", "--input", FORGED], "ASTRID_INPUT"],
    [["run", "x", "--input", `@${FORGED}`], "ASTRID_INPUT"],
    [["run", FORGED], "ASTRID_NOT_FOUND"],
    [["run", "x", `--${FORGED}`], "ASTRID_USAGE"],
    [["run", "x", "--topic", FORGED], "ASTRID_USAGE"],
    [["run", "x", FORGED], "ASTRID_USAGE"],
    [[FORGED], "ASTRID_USAGE"],
    [["build", FORGED], "ASTRID_NOT_FOUND"],
    [["inspect", FORGED], "ASTRID_NOT_FOUND"],
  ])("on the command line %# is told in one line", async (args, code) => {
    await using scene = await Scene.make();
    const ended = await astrid(args, { environment: { ASTRID_NATIVE_HOME: scene.home } });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`[${code}]`);
    expectHarmless(ended);
  });
});
