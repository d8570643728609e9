// Arguments that a run keeps: what audit show opens, refuses, and can't open any more.
import { readFile, rename, writeFile } from "node:fs/promises";

import { afterAll, describe, expect, test } from "@jest/globals";

import { textPublicKey } from "../../../ts/audit/text-key.js";
import { Home } from "../audit/home.js";
import { powers } from "../kernel/scene.js";
import { astrid, type Ended } from "./program.js";

const SET = { do: "set", key: "k", text: "v\u001b[31m" };
const OPEN = ["--open", "--json"];

interface Row {
  readonly sequence: string;
  readonly kind: string;
  readonly verb?: string;
  readonly commitment?: string;
}

function run(home: Home, folder: string, ...flags: readonly string[]): Promise<Ended> {
  const words = ["run", folder, "--home", home.folder, "--workspace", home.scene.workspace];
  return astrid([...words, ...flags]);
}

function audit(home: Home, ...words: readonly string[]): Promise<Ended> {
  return astrid(["audit", ...words, "--home", home.folder], { cwd: home.scene.path("") });
}

// One home for all to copy, so that the probe is compiled once: a run that kept, one that did not.
const first = await Home.make();
const probe = await first.scene.probe();
const input = ["--input", JSON.stringify(SET)];
const runs = [
  await run(first, probe, ...input, "--keep", "kv.write", "--keep", "message"),
  await run(first, probe, ...input, "--keep", "message"),
];
const lines = (await audit(first, "export")).stdout.trimEnd().split("\n");
const rows = lines.map((line): Row => JSON.parse(line));
const [set = "", unkept = ""] = numbers(
  ({ verb, commitment }) => verb === "kv.write" && commitment !== undefined,
);
const [message = ""] = numbers(({ kind }) => kind === "message.deliver");
const [start = ""] = numbers(({ kind }) => kind === "kernel.start");
afterAll(() => first[Symbol.asyncDispose]());

function numbers(isWanted: (row: Row) => boolean): string[] {
  return rows.filter(isWanted).map(({ sequence }) => sequence);
}

async function opened(home: Home, sequence: string, ...more: readonly string[]): Promise<unknown> {
  const { stdout } = await audit(home, "show", sequence, ...OPEN, ...more);
  return JSON.parse(stdout).text;
}

describe("kept texts", () => {
  test("of what a run names are shown, checked and safe for the terminal", async () => {
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    const salt = expect.stringMatching(/^[0-9a-f]{64}$/);
    const payload = { text: JSON.stringify(SET) };
    expect(await opened(first, set)).toEqual({
      state: "matches",
      salt,
      arguments: [{ text: SET.text }],
    });
    expect(await opened(first, message)).toMatchObject({ arguments: [payload] });
    expect(await opened(first, start)).toEqual({ state: "nothing" });
    const shown = (await audit(first, "show", set, "--open")).stdout;
    expect(shown).toMatch(/^text +matches its commitment$/m);
    expect(shown).toMatch(/^argument +"v\\u001b\[31m"$/m);
    expect((await audit(first, "show", set)).stdout).not.toContain("argument");
  });

  test("are kept only where a run asks, and only for words it knows", async () => {
    expect(await opened(first, unkept)).toEqual({ state: "not-kept" });
    const wrong = await run(first, probe, "--keep", "kv.set");
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain("message");
  });

  test("that were changed are found, though the log verifies", async () => {
    const home = await first.copy("changed");
    const texts = await readFile(home.path("segment-00000001.texts"));
    texts.writeUInt8(texts.readUInt8(100) ^ 1, 100);
    await writeFile(home.path("segment-00000001.texts"), texts);
    const { code, stderr } = await audit(home, "show", message, ...OPEN);
    expect(code).toBe(7);
    expect(stderr).toContain("[ASTRID_AUDIT_TEXT]");
    expect((await audit(home, "verify")).code).toBe(0);
  });

  test("open with the key where it was taken to, and with no other", async () => {
    const home = await first.copy("moved");
    const [secret, away] = [`${home.folder}/keys/text`, home.scene.path("away")];
    await rename(secret, away);
    expect(await opened(home, message)).toEqual({ state: "no-key" });
    expect(await opened(home, message, "--text-key", "away")).toMatchObject({ state: "matches" });
    // The public half is enough to keep more.
    expect(await run(home, probe, ...input, "--keep", "message")).toMatchObject({ code: 0 });
    await textPublicKey(powers, home.scene.path("other"));
    const other = ["--text-key", "other/keys/text"];
    const refused = await audit(home, "show", message, "--open", ...other);
    expect(refused).toMatchObject({ code: 7, stdout: "" });
    expect(refused.stderr).toContain("[ASTRID_AUDIT_TEXT]");
  });

  test("can be forgotten: the receipt says so, and everything verifies", async () => {
    const home = await first.copy("forgotten");
    await home.scene.write("kept.txt", (await audit(home, "checkpoint")).stdout);
    const done = JSON.parse((await audit(home, "forget", message, "--json")).stdout);
    expect(done).toMatchObject({ outcome: "done", first: message, texts: "1", salts: "1" });
    const receipt = await audit(home, "show", done.receipt);
    expect(receipt.stdout).toMatch(new RegExp(`^what +forget ${message}$`, "m"));
    expect(await opened(home, message)).toEqual({ state: "forgotten" });
    expect(await opened(home, set)).toMatchObject({ state: "matches" });
    const verified = await audit(home, "verify", "--against", "kept.txt");
    expect(verified).toMatchObject({ code: 0 });
  });

  test.each(["0", "3-2", "1-9x", "1-999"])("of %s can't be forgotten", async (words) => {
    expect(await audit(first, "forget", words)).toMatchObject({ code: 2, stdout: "" });
    expect((await audit(first, "log", "--kind", "log.pruned")).stdout).toBe("");
  });
});
