import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { fingerprintOf, parseFingerprint } from "../../../ts/audit/certificate.js";
import { KeyChain } from "../../../ts/audit/chain.js";
import { parseCheckpoint, type Tree } from "../../../ts/audit/checkpoint.js";
import { toHex } from "../../../ts/audit/encoding.js";
import type { KeyPowers } from "../../../ts/audit/key-files.js";
import { Signer } from "../../../ts/audit/signer.js";
import { powers, Scene } from "../kernel/scene.js";
import { codeOf } from "./code.js";

const ORIGIN = "ab".repeat(32);
const HOUR_MS = 3_600_000;

/** A home's keys under a clock that the test sets. */
class Keys implements AsyncDisposable {
  nowMs = 1_700_000_000_000;
  readonly scene: Scene;
  readonly powers: KeyPowers;

  constructor(scene: Scene) {
    this.scene = scene;
    this.powers = { ...powers, clock: { ...powers.clock, wallMs: () => this.nowMs } };
  }

  static async make(): Promise<Keys> {
    return new Keys(await Scene.make());
  }

  open(origin = ORIGIN): Promise<Signer> {
    return Signer.open(this.powers, this.scene.home, origin);
  }

  async chain(): Promise<KeyChain> {
    return new KeyChain(await this.epochs());
  }

  epochs(): Promise<string> {
    return this.scene.read("home/audit/epochs");
  }

  names(): Promise<string[]> {
    return readdir(this.scene.path("home/keys")).then((names) => names.sort());
  }

  path(name: string): string {
    return this.scene.path(`home/${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}

const tree = (size: number): Tree => ({ size: BigInt(size), root: new Uint8Array(32).fill(size) });

const renew = (signer: Signer, size: number, recorded: string[] = []): Promise<void> =>
  signer.renew(tree(size), async (line) => recorded.push(line));

describe("a log's keys", () => {
  test("are made once, for this user alone, and sign as the fingerprint says", async () => {
    await using keys = await Keys.make();
    const signer = await keys.open();
    expect(await keys.names()).toEqual(["epoch-00000001", "log"]);
    expect((await stat(keys.path("keys"))).mode & 0o777).toBe(0o700);
    for (const name of await keys.names()) {
      expect((await stat(keys.path(`keys/${name}`))).mode & 0o777).toBe(0o600);
    }
    const chain = await keys.chain();
    expect(chain.fingerprint).toBe(signer.fingerprint);
    expect(parseFingerprint(chain.fingerprint.replaceAll("-", ""))).toBe(signer.fingerprint);
    const checkpoint = parseCheckpoint(await signer.sign(tree(5)));
    expect(chain.epochOf(checkpoint)).toBe(1);
    expect((await keys.open()).fingerprint).toBe(signer.fingerprint);
  });

  test("made by several at once are the same", async () => {
    await using keys = await Keys.make();
    const signers = await Promise.all(Array.from({ length: 8 }, () => keys.open()));
    expect(new Set(signers.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    const chain = await keys.chain();
    for (const signer of signers) chain.epochOf(parseCheckpoint(await signer.sign(tree(1))));
  });

  test("another origin or key has another fingerprint", () => {
    const roots = {
      origin: ORIGIN,
      logKey: new Uint8Array(32),
      firstEpochKey: new Uint8Array(32).fill(1),
    };
    const all = [
      roots,
      { ...roots, origin: "cd".repeat(32) },
      { ...roots, logKey: roots.firstEpochKey },
      { ...roots, firstEpochKey: roots.logKey },
    ].map(fingerprintOf);
    expect(new Set(all).size).toBe(4);
    expect(all[0]).toMatch(/^astrid:[0-9a-f]{8}(-[0-9a-f]{8}){7}$/);
    for (const text of ["", "astrid:", `astrid:${"0".repeat(63)}`, "0".repeat(64)]) {
      expect(parseFingerprint(text)).toBeUndefined();
    }
  });

  test.each([
    ["a missing log key", (keys: Keys) => rm(keys.path("keys/log"))],
    ["a missing epoch key", (keys: Keys) => rm(keys.path("keys/epoch-00000001"))],
    ["a file that others can read", (keys: Keys) => chmod(keys.path("keys/log"), 0o644)],
    ["a folder that others can read", (keys: Keys) => chmod(keys.path("keys"), 0o755)],
    ["a short file", (keys: Keys) => writeFile(keys.path("keys/log"), "ASTRKEY\n")],
    [
      "another seed",
      async (keys: Keys) => {
        const bytes = await readFile(keys.path("keys/log"));
        bytes[40] = (bytes[40] ?? 0) ^ 1;
        await writeFile(keys.path("keys/log"), bytes);
      },
    ],
  ])("with %s refuse to sign and to open", async (_, harm) => {
    await using keys = await Keys.make();
    const signer = await keys.open();
    await harm(keys);
    expect(await codeOf(() => signer.sign(tree(1)))).toBe("ASTRID_AUDIT_KEY");
    expect(await codeOf(() => keys.open())).toBe("ASTRID_AUDIT_KEY");
  });

  test("of another log refuse to open", async () => {
    await using keys = await Keys.make();
    await keys.open();
    expect(await codeOf(() => keys.open("cd".repeat(32)))).toBe("ASTRID_AUDIT_KEY");
  });
});

describe("epochs", () => {
  test("end after an hour, and when the clock goes back", async () => {
    await using keys = await Keys.make();
    const signer = await keys.open();
    expect(signer.isEpochOver()).toBe(false);
    keys.nowMs += HOUR_MS;
    expect(signer.isEpochOver()).toBe(true);
    keys.nowMs -= 2 * HOUR_MS;
    expect(signer.isEpochOver()).toBe(true);
    await renew(signer, 3);
    await signer.sign(tree(4));
    expect(signer.isEpochOver()).toBe(false);
  });

  test("hand over by certificate, and the old secret is gone", async () => {
    await using keys = await Keys.make();
    const signer = await keys.open();
    const secret = (await readFile(keys.path("keys/epoch-00000001"))).subarray(24);
    const recorded: string[] = [];
    await renew(signer, 3, recorded);
    expect(await keys.names()).toEqual(["epoch-00000002", "log"]);
    const chain = await keys.chain();
    expect(chain.closings).toEqual([tree(3)]);
    expect(await keys.epochs()).toContain(`\n${recorded[0]}\n`);
    expect(chain.epochOf(parseCheckpoint(await signer.sign(tree(5))))).toBe(2);
    for (const name of await keys.names()) {
      expect((await readFile(keys.path(`keys/${name}`))).includes(secret)).toBe(false);
    }
    expect((await keys.open()).epoch).toBe(2);
  });

  test("a process that slept through one signs with the new key", async () => {
    await using keys = await Keys.make();
    const [awake, asleep] = [await keys.open(), await keys.open()];
    await renew(awake, 3);
    const late = parseCheckpoint(await asleep.sign(tree(5)));
    expect((await keys.chain()).epochOf(late)).toBe(2);
    await renew(asleep, 5);
    await renew(awake, 6);
    expect((await keys.chain()).closings).toEqual([tree(3), tree(5)]);
  });

  test("closed by several at once leave one chain", async () => {
    await using keys = await Keys.make();
    const signers = await Promise.all(Array.from({ length: 4 }, () => keys.open()));
    for (let round = 1; round <= 5; round++) {
      // Who comes too late finds the old key gone: nothing is lost by it.
      await Promise.all(signers.map((signer) => codeOf(() => renew(signer, round))));
      const chain = await keys.chain();
      for (const signer of signers) {
        const note = parseCheckpoint(await signer.sign(tree(round)));
        expect(chain.epochOf(note)).toBe((await keys.open()).epoch);
      }
    }
  });

  test("a stop at any step is made good by the next", async () => {
    await using keys = await Keys.make();
    const signer = await keys.open();
    const full = () => signer.renew(tree(3), () => Promise.reject(new Error("full")));
    await expect(full()).rejects.toThrow("full");
    expect(await keys.names()).toEqual(["epoch-00000001", "epoch-00000002", "log"]);
    expect((await keys.open()).epoch).toBe(1);
    await renew(signer, 4);
    expect((await keys.chain()).closings).toEqual([tree(4)]);

    const before = await keys.epochs();
    await writeFile(keys.path("audit/epochs"), `${before}epoch 3 half a li`);
    await renew(await keys.open(), 5);
    expect((await keys.chain()).closings).toEqual([tree(4), tree(5)]);
  });
});

describe("a chain", () => {
  async function threeEpochs(): Promise<{ text: string; notes: string[] }> {
    await using keys = await Keys.make();
    const signer = await keys.open();
    const notes = [await signer.sign(tree(1))];
    for (const size of [2, 3]) {
      await renew(signer, size);
      notes.push(await signer.sign(tree(size)));
    }
    return { text: await keys.epochs(), notes };
  }

  test("no byte of it can be changed", async () => {
    const { text } = await threeEpochs();
    const { fingerprint, roots } = new KeyChain(text);
    expect(toHex(roots.logKey)).toHaveLength(64);
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
      const code = await codeOf(() => {
        const chain = new KeyChain(changed);
        // A changed last line feed leaves a line that is not there yet.
        if (chain.fingerprint === fingerprint && chain.closings.length === 2) throw new Error("no");
      });
      expect(["ASTRID_AUDIT_NOTE", "ASTRID_AUDIT_SIGNATURE", undefined]).toContain(code);
    }
  });

  test("lines can't be dropped, swapped or put twice in other words", async () => {
    const { text } = await threeEpochs();
    const [first = "", second = "", third = ""] = text.trimEnd().split("\n");
    const of = (...lines: string[]) => codeOf(() => new KeyChain(`${lines.join("\n")}\n`));
    expect(await of(first, second, third)).toBeUndefined();
    expect(await of(first, second, second, third)).toBeUndefined();
    expect(await of(first, third)).toBe("ASTRID_AUDIT_SIGNATURE");
    expect(await of(first, third, second)).toBe("ASTRID_AUDIT_SIGNATURE");
    expect(await of(second, third)).toBe("ASTRID_AUDIT_NOTE");
    expect(await of(first, "", second)).toBe("ASTRID_AUDIT_NOTE");
    expect(await of()).toBe("ASTRID_AUDIT_NOTE");
  });

  test("a checkpoint needs both keys of this log", async () => {
    const { text, notes } = await threeEpochs();
    const chain = new KeyChain(text);
    const [one = "", two = ""] = notes;
    expect(notes.map((note) => chain.epochOf(parseCheckpoint(note)))).toEqual([1, 2, 3]);
    const lines = two.split("\n");
    const without = (at: number) => lines.filter((_, index) => index !== at).join("\n");
    const signatureOf = (source: string) => codeOf(() => chain.epochOf(parseCheckpoint(source)));
    expect(await signatureOf(without(4))).toBe("ASTRID_AUDIT_SIGNATURE");
    expect(await signatureOf(without(5))).toBe("ASTRID_AUDIT_SIGNATURE");
    const epochOfOne = one.split("\n")[5] ?? "";
    expect(await signatureOf(`${without(5)}${epochOfOne}\n`)).toBe("ASTRID_AUDIT_SIGNATURE");
    const other = await threeEpochs();
    expect(await signatureOf(other.notes[0] ?? "")).toBe("ASTRID_AUDIT_SIGNATURE");
  });
});
