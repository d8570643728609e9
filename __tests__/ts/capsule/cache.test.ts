import { symlink } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { nodePowers } from "../../../ts/base/powers.js";
import { buildCached, type CachedBuild } from "../../../ts/capsule/cache.js";
import { manifest, type TemporaryFolder, temporaryFolder } from "./folder.js";

const powers = nodePowers();
const INDEX = 'import { x } from "./x.js"; export default { handle: async () => String(x) };';

function build(folder: TemporaryFolder, cache: TemporaryFolder): Promise<CachedBuild> {
  return buildCached(powers, folder.path, { cacheFolder: cache.path });
}

describe("a cached build", () => {
  it("is made once, and again after each change of what it was made of", async () => {
    await using cache = await temporaryFolder({});
    await using folder = await temporaryFolder({
      "Capsule.toml": manifest(),
      "src/index.ts": INDEX,
      "src/x.js": "export const x = 1;",
    });
    const first = await build(folder, cache);
    const second = await build(folder, cache);
    expect([first.isCached, second.isCached]).toEqual([false, true]);
    expect(Buffer.compare(first.component, second.component)).toBe(0);

    const changes: readonly (readonly [string, string])[] = [
      ["src/x.js", "export const x = 2;"],
      ["src/x.ts", "export const x = 3;"],
      ["Capsule.toml", manifest('"log.write" = true')],
      ["package.json", '{ "sideEffects": false }'],
    ];
    for (const [name, text] of changes) {
      await folder.write(name, text);
      expect((await build(folder, cache)).isCached).toBe(false);
      expect((await build(folder, cache)).isCached).toBe(true);
    }
  });

  it("is not made again for files that no import can lead to", async () => {
    await using cache = await temporaryFolder({});
    await using folder = await temporaryFolder({
      "Capsule.toml": manifest(),
      "src/index.ts": INDEX,
      "src/x.js": "export const x = 1;",
    });
    const { component } = await build(folder, cache);
    for (const name of ["test.wasm", "README.md", ".git/objects/ab/cdef", "src/x"]) {
      await folder.write(name, "");
      const after = await build(folder, cache);
      expect({ name, isCached: after.isCached }).toEqual({ name, isCached: true });
      expect(Buffer.compare(after.component, component)).toBe(0);
    }
    // A link leads to what it names, so that its own name says nothing.
    await symlink("x.js", join(folder.path, "src", "notes.md"));
    expect((await build(folder, cache)).isCached).toBe(false);
  });

  it("is made again when what is kept was changed or cut", async () => {
    await using cache = await temporaryFolder({});
    await using folder = await temporaryFolder({
      "Capsule.toml": manifest(),
      "src/index.ts": "export default { handle: async () => null };",
    });
    await build(folder, cache);
    for (const name of await powers.files.readdir(cache.path)) {
      const kept = await powers.files.readFile(join(cache.path, name));
      await cache.write(name, kept.subarray(0, kept.length - 1));
      expect((await build(folder, cache)).isCached).toBe(false);
      expect((await build(folder, cache)).isCached).toBe(true);
    }
  });
});
