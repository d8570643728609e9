import { chmod, readdir, rm, stat, writeFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";
import sodium from "libsodium-wrappers";

import { openText } from "../../../ts/audit/open-text.js";
import { textKeyPath, textPublicKey, useTextKey } from "../../../ts/audit/text-key.js";
import type { NativeKept } from "../../../ts/native/log.js";
import { powers, Scene } from "../kernel/scene.js";
import { codeOf } from "./code.js";

const { files } = powers;

describe("the key for kept texts", () => {
  test("is made once, though many ask at once, and private", async () => {
    await using scene = await Scene.make();
    const asked = await Promise.all([1, 2, 3, 4].map(() => textPublicKey(powers, scene.home)));
    for (const key of asked) expect(key).toEqual(asked[0]);
    expect((await readdir(scene.path("home/keys"))).sort()).toEqual(["text", "text.pub"]);
    for (const name of ["text", "text.pub"]) {
      expect((await stat(scene.path(`home/keys/${name}`))).mode & 0o777).toBe(0o600);
    }
    const same = await useTextKey(files, textKeyPath(scene.home), (secret) =>
      sodium.crypto_scalarmult_base(secret),
    );
    expect(same).toEqual(asked[0]);
    // A crash may come between the two files.
    await rm(scene.path("home/keys/text.pub"));
    expect(await textPublicKey(powers, scene.home)).toEqual(asked[0]);
  });

  test("that is damaged or open to others is refused", async () => {
    await using scene = await Scene.make();
    await textPublicKey(powers, scene.home);
    for (const name of ["text", "text.pub"]) {
      const path = scene.path(`home/keys/${name}`);
      const use = (): Promise<unknown> =>
        name === "text" ? useTextKey(files, path, () => 1) : textPublicKey(powers, scene.home);
      expect(await codeOf(use)).toBeUndefined();
      await chmod(path, 0o604);
      expect(await codeOf(use)).toBe("ASTRID_AUDIT_KEY");
      await chmod(path, 0o600);
      await writeFile(path, Buffer.alloc(44));
      expect(await codeOf(use)).toBe("ASTRID_AUDIT_KEY");
    }
  });
});

describe("opening a text", () => {
  /** What opening says of these bytes, sealed for the home's key. */
  async function open(scene: Scene, framed: Uint8Array, isCommitted = true): Promise<unknown> {
    const sealed = sodium.crypto_box_seal(framed, await textPublicKey(powers, scene.home));
    const kept = async (): Promise<NativeKept> => ({ state: "text", salt: "00", sealed });
    const native = { kept, commits: async () => isCommitted };
    const opened = { sequence: 1n, keyFile: textKeyPath(scene.home) };
    return openText({ files }, native, opened);
  }

  test("gives the arguments back as they were framed", async () => {
    await using scene = await Scene.make();
    const framed = Buffer.from("0200000000000000c328000000000000000001000000000000000a", "hex");
    const parts = [Buffer.from("c328", "hex"), Buffer.from(""), Buffer.from("0a", "hex")];
    expect(await open(scene, framed)).toEqual({
      state: "matches",
      salt: "00",
      arguments: parts.map((part) => new Uint8Array(part)),
    });
  });

  test("refuses what the record did not commit to, or no arguments", async () => {
    await using scene = await Scene.make();
    const code = (framed: Uint8Array, isCommitted?: boolean): Promise<unknown> =>
      codeOf(() => open(scene, framed, isCommitted));
    expect(await code(Buffer.alloc(8), false)).toBe("ASTRID_AUDIT_TEXT");
    expect(await code(Buffer.alloc(7))).toBe("ASTRID_AUDIT_TEXT");
    expect(await code(Buffer.alloc(9, 255))).toBe("ASTRID_AUDIT_TEXT");
  });
});
