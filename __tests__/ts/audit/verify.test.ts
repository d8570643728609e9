// What is done to a log, and how it is found: with what was kept elsewhere, and without.
import { readFile, rm, writeFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { readChain } from "../../../ts/audit/open-log.js";
import { verifyProof } from "../../../ts/audit/proof.js";
import { powers } from "../kernel/scene.js";
import { codeOf } from "./code.js";
import { Home } from "./home.js";

describe("an untouched log", () => {
  test("is vouched for range by range", async () => {
    await using home = await Home.make(1);
    const kept = await home.kept();
    const fingerprint = await home.start();
    const last = await home.copy("last");
    await home.start();
    await last.scene.write("home/audit/checkpoints", `${(await last.notes()).join("\n")}\n`);
    expect(await home.verify([kept], fingerprint)).toMatchObject({
      records: 6n,
      anchored: 2n,
      signed: 4n,
      checkpoints: 2,
      isPinned: true,
      fingerprint,
      open: { count: 0n, first: [] },
    });
    expect(await last.verify()).toMatchObject({ records: 4n, anchored: 0n, isPinned: false });
  });

  test("verifies over epochs, each closed by the one before", async () => {
    await using home = await Home.make(1);
    const old = await home.kept();
    await home.startLater();
    await home.startLater();
    const fingerprint = await home.start();
    const chain = await readChain(powers, home.folder);
    expect(chain?.closings).toHaveLength(2);
    expect(await home.verify([old], fingerprint)).toMatchObject({ anchored: 2n });
  });

  test("that was never signed is an unsigned tail", async () => {
    await using home = await Home.make(1);
    for (const name of ["epochs", "checkpoints"]) await rm(home.path(name));
    expect(await home.verify()).toMatchObject({ records: 2n, signed: 0n, anchored: 0n });
    expect(await codeOf(() => home.verify([], `astrid:${"0".repeat(64)}`))).toBe(
      "ASTRID_AUDIT_PIN",
    );
  });

  test("whose last checkpoint is half written verifies up to the one before", async () => {
    await using home = await Home.make(2);
    const text = await home.read("checkpoints");
    await home.write("checkpoints", text.slice(0, -40));
    expect(await home.verify()).toMatchObject({ records: 4n, signed: 2n });
  });
});

describe("a log that was tampered with", () => {
  test("cut at any record is found", async () => {
    await using home = await Home.make(3);
    const kept = await home.kept();
    const [first = "", second = ""] = await home.notes();
    for (let records = 5; records >= 0; records--) {
      await home.cut(records);
      expect(await codeOf(() => home.verify())).toBe("ASTRID_AUDIT_CUT");
    }
    await using again = await Home.make(3);
    await again.cut(4);
    // With the checkpoints cut as well, only what was kept elsewhere tells.
    const mine = await again.kept();
    const own = (await again.notes()).slice(0, 2);
    await again.write("checkpoints", own.map((note) => `${note}\n`).join(""));
    expect(await again.verify()).toMatchObject({ records: 4n, signed: 4n });
    expect(await codeOf(() => again.verify([mine]))).toBe("ASTRID_AUDIT_CUT");
    // Another log's checkpoints are not this one's.
    expect(await codeOf(() => again.verify([kept]))).toBe("ASTRID_AUDIT_SIGNATURE");
    await again.write("checkpoints", `${first}\n${second}\n`);
    expect(await codeOf(() => again.verify())).toBe("ASTRID_AUDIT_SIGNATURE");
  });

  test("an old copy put back is found against the kept checkpoint", async () => {
    await using home = await Home.make(1);
    const old = await home.copy("old");
    await home.start();
    const kept = await home.kept();
    expect(await old.verify()).toMatchObject({ records: 2n });
    expect(await codeOf(() => old.verify([kept]))).toBe("ASTRID_AUDIT_CUT");
    // It goes on, and has as many records, but others.
    await old.start();
    expect(await old.verify()).toMatchObject({ records: 4n, signed: 4n });
    expect(await codeOf(() => old.verify([kept]))).toBe("ASTRID_AUDIT_ROOT");
  });

  test("a past epoch can't be written anew with today's keys", async () => {
    await using home = await Home.make(1);
    await home.startLater();
    const forger = await home.copy("forger");
    await rm(forger.path("segment-00000001.log"));
    await rm(forger.path("checkpoints"));
    // The same origin and all of today's secrets, but a past of its own.
    await writeFile(forger.path("segment-00000001.log"), await emptySegment(home));
    for (let i = 0; i < 3; i++) await forger.start();
    expect(await codeOf(() => forger.verify())).toBe("ASTRID_AUDIT_ROOT");
    // Without the certificates, the keys are not those that the fingerprint stands for.
    await rm(forger.path("epochs"));
    expect(await codeOf(() => forger.start())).toBe("ASTRID_AUDIT_KEY");
  });

  test("all made anew under new keys is found by fingerprint and by checkpoint", async () => {
    await using home = await Home.make(2);
    const kept = await home.kept();
    const fingerprint = await home.start();
    const { folder } = home;
    for (const name of ["audit", "keys"]) await rm(`${folder}/${name}`, { recursive: true });
    for (let i = 0; i < 3; i++) await home.start();
    expect(await home.verify()).toMatchObject({ records: 6n, signed: 6n });
    expect(await codeOf(() => home.verify([], fingerprint))).toBe("ASTRID_AUDIT_PIN");
    expect(await codeOf(() => home.verify([kept]))).toBe("ASTRID_AUDIT_SIGNATURE");
  });

  test("no byte of its checkpoints can be changed", async () => {
    await using home = await Home.make(1);
    const text = await home.read("checkpoints");
    const codes = new Set<unknown>();
    for (let at = 0; at < text.length - 1; at += 3) {
      const changed = text[at] === "x" ? "y" : "x";
      await home.write("checkpoints", `${text.slice(0, at)}${changed}${text.slice(at + 1)}`);
      const code = await codeOf(async () => {
        const { signed } = await home.verify();
        // A note that lost an empty line is not there any more: then nothing is signed.
        if (signed > 0n) throw new Error(`byte ${at}`);
      });
      codes.add(code);
    }
    for (const code of codes) {
      expect([undefined, "ASTRID_AUDIT_NOTE", "ASTRID_AUDIT_SIGNATURE"]).toContain(code);
    }
  });

  test("no byte of its records can be changed, and the place is named", async () => {
    await using home = await Home.make(1);
    const path = home.path("segment-00000001.log");
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length; at += 2) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      await writeFile(path, changed);
      await expect(home.verify()).rejects.toMatchObject({
        code: expect.stringMatching(/^ASTRID_AUDIT_(?:CORRUPT|CUT)$/),
        message: expect.stringMatching(/record|segment/),
      });
    }
  });

  test("swapped certificates, checkpoints of nobody and foreign keys are found", async () => {
    await using home = await Home.make(1);
    await home.startLater();
    await home.startLater();
    const epochs = await home.read("epochs");
    const [first, second, third] = epochs.split("\n");
    await home.write("epochs", `${first}\n${third}\n${second}\n`);
    expect(await codeOf(() => home.verify())).toBe("ASTRID_AUDIT_SIGNATURE");
    await home.write("epochs", `${first}\n${second}\n`);
    expect(await codeOf(() => home.verify())).toBe("ASTRID_AUDIT_SIGNATURE");
    await rm(home.path("epochs"));
    expect(await codeOf(() => home.verify())).toBe("ASTRID_AUDIT_SIGNATURE");
    await using other = await Home.make(1);
    await home.write("epochs", await other.read("epochs"));
    expect(await codeOf(() => home.verify())).toBe("ASTRID_AUDIT_SIGNATURE");
  });

  async function emptySegment(home: Home): Promise<Buffer> {
    return (await readFile(home.path("segment-00000001.log"))).subarray(0, 88);
  }
});

describe("a proof", () => {
  test("of each record verifies without the log, after any number of epochs", async () => {
    await using home = await Home.make(1);
    await home.startLater();
    const fingerprint = await home.startLater();
    const texts = await home.proofs();
    expect(texts.length).toBeGreaterThanOrEqual(8);
    texts.forEach((text, at) => {
      const proven = verifyProof(Buffer.from(text), fingerprint);
      expect(proven).toMatchObject({ sequence: BigInt(at + 1), isPinned: true, fingerprint });
    });
  });

  test("changed at any place is refused", async () => {
    await using home = await Home.make(2);
    const fingerprint = await home.start();
    const [text = ""] = (await home.proofs()).slice(2);
    const codes = new Set<unknown>();
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
      codes.add(await codeOf(() => verifyProof(Buffer.from(changed), fingerprint)));
    }
    expect([...codes].sort()).toEqual([
      "ASTRID_AUDIT_NOTE",
      "ASTRID_AUDIT_PIN",
      "ASTRID_AUDIT_ROOT",
      "ASTRID_AUDIT_SIGNATURE",
    ]);
    for (const bytes of [Buffer.alloc(0), Buffer.from("\n\n"), Buffer.alloc(9, 0xff)]) {
      expect(await codeOf(() => verifyProof(bytes, undefined))).toBe("ASTRID_AUDIT_NOTE");
    }
  });

  test("by other keys needs another fingerprint", async () => {
    await using home = await Home.make(1);
    await using other = await Home.make(1);
    const fingerprint = await other.start();
    const [text = ""] = await home.proofs();
    expect(await codeOf(() => verifyProof(Buffer.from(text), fingerprint))).toBe(
      "ASTRID_AUDIT_PIN",
    );
    expect(verifyProof(Buffer.from(text), undefined)).toMatchObject({ isPinned: false });
  });
});
