// Proofs of the product, verified by the other verifier; and that one as a program of its own.
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect, test } from "@jest/globals";

import { verifyProof } from "../../ts/audit/proof.js";
import { codeOf } from "../ts/audit/code.js";
import { Home } from "../ts/audit/home.js";
import { FOLDER, independent } from "./both.js";

interface Proven {
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}
const own = await independent<{ verifyProof(bytes: Uint8Array, pin?: string): Proven }>(
  "./proof.js",
);
const PROGRAM = fileURLToPath(new URL("./main.js", FOLDER));

test("each record's proof verifies, over epochs too", async () => {
  await using home = await Home.make(2);
  const fingerprint = await home.startLater();
  const texts = await home.proofs();
  expect(texts.length).toBeGreaterThanOrEqual(6);
  texts.forEach((text, at) => {
    const { sequence } = own.verifyProof(Buffer.from(text), fingerprint);
    expect(sequence).toBe(BigInt(at + 1));
  });
  const other = `astrid:${"0".repeat(64)}`;
  const pinned = (): unknown => own.verifyProof(Buffer.from(texts[0] ?? ""), other);
  expect(await codeOf(pinned)).toBe("ASTRID_AUDIT_PIN");
});

test("a proof changed anywhere is refused by both with one code", async () => {
  await using home = await Home.make(2);
  const fingerprint = await home.start();
  const [text = ""] = (await home.proofs()).slice(2);
  for (let at = 0; at < text.length; at++) {
    const changed = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
    const bytes = Buffer.from(changed);
    const code = await codeOf(() => verifyProof(bytes, fingerprint));
    expect([at, await codeOf(() => own.verifyProof(bytes, fingerprint))]).toEqual([at, code]);
    expect(code).toMatch(/^ASTRID_AUDIT_/);
  }
});

test("as a program it needs the files alone, and says what it found", async () => {
  await using home = await Home.make(1);
  const fingerprint = await home.start();
  const [old = ""] = await home.notes();
  const kept = await home.scene.write("kept.txt", old);
  const told = execFileSync("node", [PROGRAM, home.path(""), "--key", fingerprint, kept]);
  expect(JSON.parse(String(told))).toMatchObject({ records: "4", anchored: "2", signed: "4" });
  await home.cut(3);
  const { status, stderr } = spawnSync("node", [PROGRAM, home.path("")], { encoding: "utf8" });
  expect([status, stderr]).toEqual([7, expect.stringMatching(/^ASTRID_AUDIT_CUT: 3 records/)]);
});
