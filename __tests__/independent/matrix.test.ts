// Every small change to a log, and how both verifiers find it: with what was kept, and without.
import { readFile, rm, writeFile } from "node:fs/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { Home } from "../ts/audit/home.js";
import { type Said, verifyBoth } from "./both.js";
import { framesOf, hashed, layOut, linked } from "./frames.js";

const FILES = ["segment-00000001.log", "checkpoints", "epochs", "origin"];
const SPLIT = 2;
const SEGMENT_HEADER_BYTES = 88;

/** Four records of two kernels, each with a checkpoint after its stop; and another such log. */
let home: Home;
let other: Home;
let frames: Buffer[];
let foreign: Buffer[];
let notes: string[];
let fingerprint: string;
const files = new Map<string, Buffer>();

beforeAll(async () => {
  home = await Home.make(1);
  fingerprint = await home.start();
  other = await Home.make(2);
  [frames, foreign] = [await framesOf(home), await framesOf(other)];
  notes = await home.notes();
  for (const name of FILES) files.set(name, await readFile(home.path(name)));
});

beforeEach(async () => {
  for (const [name, bytes] of files) await writeFile(home.path(name), bytes);
  await rm(home.path("segment-00000002.log"), { force: true });
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

/** With what was kept elsewhere: the last checkpoint. */
const against = (): Promise<Said> => verifyBoth(home, notes.slice(-1), fingerprint);

/** Takes the home's own signatures away: then nothing vouches for anything. */
async function unsign(): Promise<void> {
  for (const name of ["checkpoints", "epochs"]) await rm(home.path(name), { force: true });
}

/** Keeps the first checkpoints only. */
const keepNotes = (count: number): Promise<void> =>
  home.write(
    "checkpoints",
    notes
      .slice(0, count)
      .map((note) => `${note}\n`)
      .join(""),
  );

const flipped = (bytes: Buffer, at: number): Buffer =>
  Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte)));

/** Asserts the code, and that both name the place. */
function expectPlace(said: Said, code: string, place: RegExp): void {
  expect(said.code).toBe(code);
  for (const message of said.messages ?? []) expect(message).toMatch(place);
}

describe("a log in two segments", () => {
  test("verifies, against what was kept and by itself", async () => {
    await layOut(home, frames, SPLIT);
    expect(await against()).toEqual({ records: 4n, anchored: 4n, signed: 4n, tornBytes: 0n });
    expect(await verifyBoth(home, notes.slice(0, 1))).toMatchObject({ anchored: 2n, signed: 4n });
    await unsign();
    expect(await verifyBoth(home)).toMatchObject({ records: 4n, anchored: 0n, signed: 0n });
  });

  test.each([
    [1, 1],
    [2, SPLIT + 1],
  ])("with any byte of segment %d flipped fails and names the place", async (number, from) => {
    await layOut(home, frames, SPLIT);
    const path = home.path(`segment-0000000${number}.log`);
    const bytes = await readFile(path);
    const ends = endsOf(frames.slice(from - 1));
    for (let at = 0; at < bytes.length; at++) {
      await writeFile(path, flipped(bytes, at));
      const record = from + ends.findIndex((end) => at < end + SEGMENT_HEADER_BYTES);
      const said = await verifyBoth(home);
      // One that then reaches to the end looks like torn by a crash: a checkpoint misses it.
      const isTorn = said.code === "ASTRID_AUDIT_CUT";
      const code = isTorn ? "ASTRID_AUDIT_CUT" : "ASTRID_AUDIT_CORRUPT";
      const place = isTorn ? `${record - 1} records` : `record ${record}`;
      const isHeader = at < SEGMENT_HEADER_BYTES;
      expectPlace(said, code, isHeader ? /segment/ : new RegExp(`\\b${place}\\b`));
    }
  });

  test("with a byte of its last record flipped and unsigned is a record shorter", async () => {
    await layOut(home, frames, SPLIT);
    await unsign();
    const path = home.path("segment-00000002.log");
    const bytes = await readFile(path);
    const start = bytes.length - (frames[3]?.length ?? 0);
    for (let at = start; at < bytes.length; at++) {
      await writeFile(path, flipped(bytes, at));
      const said = await verifyBoth(home);
      if (said.code !== undefined) expectPlace(said, "ASTRID_AUDIT_CORRUPT", /record 4\b/);
      else expect(said).toMatchObject({ records: 3n, signed: 0n, anchored: 0n });
      expect(said.tornBytes).not.toBe(0n);
    }
  });

  test("with a segment missing, or those of two logs mixed, is found", async () => {
    await layOut(other, foreign, SPLIT);
    const theirs = await readFile(other.path("segment-00000002.log"));
    await layOut(other, foreign);
    await layOut(home, frames, SPLIT);
    await writeFile(home.path("segment-00000002.log"), theirs);
    expectPlace(await verifyBoth(home), "ASTRID_AUDIT_CORRUPT", /segment/);
    await rm(home.path("segment-00000002.log"));
    expect((await verifyBoth(home)).code).toBe("ASTRID_AUDIT_CUT");
    await layOut(home, frames, SPLIT);
    await rm(home.path("segment-00000001.log"));
    expectPlace(await verifyBoth(home), "ASTRID_AUDIT_CORRUPT", /segment/);
  });
});

/** Where each of these ends. */
function endsOf(all: readonly Buffer[]): number[] {
  let end = 0;
  return all.map(({ length }) => (end += length));
}

describe("records", () => {
  const last = 3;

  test("dropped are found; the last only by who knows of it", async () => {
    for (let at = 0; at < frames.length; at++) {
      await layOut(home, frames.toSpliced(at, 1));
      const said = await verifyBoth(home);
      // A single one behind the gap looks like torn: nothing follows it.
      const isTorn = at >= last - 1;
      if (isTorn) expectPlace(said, "ASTRID_AUDIT_CUT", new RegExp(`\\b${at} records`));
      else expectPlace(said, "ASTRID_AUDIT_CORRUPT", new RegExp(`record ${at + 1}\\b`));
    }
    await keepNotes(1);
    expect(await verifyBoth(home)).toMatchObject({ records: 3n, signed: 2n });
    expect((await against()).code).toBe("ASTRID_AUDIT_CUT");
  });

  test("duplicated or inserted are found, or stand behind the end and are none", async () => {
    const [stranger = Buffer.alloc(0)] = foreign.slice(-1);
    for (let at = 0; at <= last; at++) {
      for (const more of [frames[at] ?? stranger, stranger]) {
        await layOut(home, frames.toSpliced(at + 1, 0, more));
        const said = await verifyBoth(home);
        if (at < last) {
          expectPlace(said, "ASTRID_AUDIT_CORRUPT", new RegExp(`record ${at + 2}`));
        } else {
          expect(said).toMatchObject({ records: 4n, tornBytes: BigInt(more.length) });
        }
      }
    }
  });

  test("swapped are found", async () => {
    for (let a = 0; a < last; a++) {
      for (let b = a + 1; b <= last; b++) {
        const swapped = frames.with(a, frames[b] ?? Buffer.alloc(0));
        await layOut(home, swapped.with(b, frames[a] ?? Buffer.alloc(0)));
        expectPlace(await against(), "ASTRID_AUDIT_CORRUPT", new RegExp(`record ${a + 1}`));
      }
    }
  });

  test("changed and linked anew don't fit their signatures", async () => {
    for (let at = 0; at < frames.length; at++) {
      const changed = Buffer.from(frames[at] ?? []);
      changed.writeUInt8(changed.readUInt8(4 + 16) ^ 1, 4 + 16);
      await layOut(home, await linked(home, frames.with(at, changed)));
      expect((await verifyBoth(home)).code).toBe("ASTRID_AUDIT_ROOT");
      // What the owner of the home forges is only as old as the home's own keys say.
      await keepNotes(at < 2 ? 0 : 1);
      const signed = at < 2 ? 0n : 2n;
      expect(await verifyBoth(home)).toMatchObject({ records: 4n, signed, anchored: 0n });
      expect((await against()).code).toBe("ASTRID_AUDIT_ROOT");
      await keepNotes(2);
    }
  });

  test("whose bodies were replaced by their hashes are the same log", async () => {
    const { tornBytes, ...said } = await verifyBoth(home);
    for (let at = 0; at < frames.length; at++) {
      await layOut(home, frames.with(at, hashed(frames[at] ?? Buffer.alloc(0))), SPLIT);
      expect(await against()).toEqual({ ...said, anchored: 4n, tornBytes });
    }
    const all = frames.map(hashed);
    await layOut(home, all, SPLIT);
    expect(await against()).toMatchObject({ records: 4n, signed: 4n });
    for (let at = 0; at < 4 + 32; at++) {
      await layOut(home, all.with(0, flipped(all[0] ?? Buffer.alloc(0), at)));
      expectPlace(await verifyBoth(home), "ASTRID_AUDIT_CORRUPT", /record 1\b/);
    }
  });

  test("linked anew with a body that is no record are found, at the end too", async () => {
    const [first] = await linked(home, [Buffer.from(frames[0] ?? []).fill(0xff, 4, 6)]);
    await unsign();
    await layOut(home, [first ?? Buffer.alloc(0)]);
    expectPlace(await verifyBoth(home), "ASTRID_AUDIT_CORRUPT", /record 1\b/);
  });

  test("cut at any record and any byte are missed by the checkpoints", async () => {
    const path = home.path("segment-00000001.log");
    const bytes = files.get("segment-00000001.log") ?? Buffer.alloc(0);
    for (let at = SEGMENT_HEADER_BYTES; at < bytes.length; at++) {
      await writeFile(path, bytes.subarray(0, at));
      expect((await verifyBoth(home)).code).toBe("ASTRID_AUDIT_CUT");
    }
  });

  test("cut anywhere and without signatures are told, with what is torn", async () => {
    const path = home.path("segment-00000001.log");
    const bytes = files.get("segment-00000001.log") ?? Buffer.alloc(0);
    const ends = endsOf(frames).map((end) => end + SEGMENT_HEADER_BYTES);
    await unsign();
    for (let at = SEGMENT_HEADER_BYTES; at < bytes.length; at++) {
      await writeFile(path, bytes.subarray(0, at));
      const whole = ends.filter((end) => end <= at);
      const torn = at - (whole.at(-1) ?? SEGMENT_HEADER_BYTES);
      const said = { records: BigInt(whole.length), tornBytes: BigInt(torn), signed: 0n };
      expect(await verifyBoth(home)).toMatchObject(said);
    }
  });
});

describe("bytes behind the last record", () => {
  const word = (length: number, form: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length + form * 2 ** 24);
    return bytes;
  };
  const [zeros, ones] = [Buffer.alloc(50), Buffer.alloc(200, 0xff)];

  test.each<[string, boolean, readonly Uint8Array[]]>([
    ["zeros", true, [Buffer.alloc(5000)]],
    ["less than a word", true, [ones.subarray(0, 3)]],
    ["no word and zeros", true, [ones.subarray(0, 4), zeros]],
    ["no word and more", false, [ones.subarray(0, 5)]],
    ["a body cut", true, [word(100, 1), ones.subarray(0, 50)]],
    ["no body", true, [word(100, 1), ones.subarray(0, 132), zeros]],
    ["no body and more", false, [word(100, 1), ones.subarray(0, 133)]],
    ["an empty body", false, [word(0, 1), ones.subarray(0, 32)]],
    ["a body that is too large", false, [word(16_384, 1), ones]],
    ["a hash cut", true, [word(32, 2), ones.subarray(0, 20)]],
    ["a hash that is too large", false, [word(33, 2), ones.subarray(0, 20)]],
    ["an unknown form", false, [word(32, 3), ones.subarray(0, 20)]],
  ])("%s: torn is %s", async (_, isTorn, parts) => {
    await layOut(home, [...frames, Buffer.concat(parts)]);
    const said = await verifyBoth(home);
    if (isTorn) {
      const torn = parts.reduce((sum, { length }) => sum + length, 0);
      expect(said).toMatchObject({ records: 4n, signed: 4n, tornBytes: BigInt(torn) });
    } else {
      expectPlace(said, "ASTRID_AUDIT_CORRUPT", /record 5\b/);
    }
  });
});

describe("signatures", () => {
  test.each([0, 1])("no byte of checkpoint %d can be changed and still vouch", async (note) => {
    const bytes = files.get("checkpoints") ?? Buffer.alloc(0);
    const middle = bytes.length / 2;
    for (let at = note * middle; at < (note + 1) * middle; at++) {
      await writeFile(home.path("checkpoints"), flipped(bytes, at));
      const said = await verifyBoth(home);
      // The last note may look like one that a crash tore: then it vouches for nothing.
      if (said.code === undefined) expect(said).toMatchObject({ signed: 2n });
      else expect(said.code).toMatch(/^ASTRID_AUDIT_(?:NOTE|SIGNATURE)$/);
    }
  });

  test("no byte of the keys or the origin can be changed", async () => {
    const codes = { epochs: /^ASTRID_AUDIT_(?:NOTE|SIGNATURE)$/, origin: /CORRUPT|SIGNATURE/ };
    for (const [name, code] of Object.entries(codes)) {
      const bytes = files.get(name) ?? Buffer.alloc(0);
      for (let at = 0; at < bytes.length; at++) {
        await writeFile(home.path(name), flipped(bytes, at));
        expect((await verifyBoth(home)).code).toMatch(code);
      }
      await writeFile(home.path(name), bytes);
    }
  });

  test("of another log are not this one's", async () => {
    const [stranger = ""] = (await other.notes()).slice(-1);
    await home.write("checkpoints", `${notes[0]}\n${stranger}\n`);
    expect((await verifyBoth(home)).code).toBe("ASTRID_AUDIT_SIGNATURE");
    await keepNotes(2);
    expect((await verifyBoth(home, [stranger])).code).toBe("ASTRID_AUDIT_SIGNATURE");
    await home.write("epochs", await other.read("epochs"));
    expect((await verifyBoth(home)).code).toBe("ASTRID_AUDIT_SIGNATURE");
  });

  test("an old head put back leaves the rest unvouched; a newer one finds it", async () => {
    await keepNotes(1);
    expect(await verifyBoth(home)).toMatchObject({ records: 4n, signed: 2n, anchored: 0n });
    await layOut(home, frames.slice(0, 2));
    expect(await verifyBoth(home)).toMatchObject({ records: 2n, signed: 2n });
    expect((await against()).code).toBe("ASTRID_AUDIT_CUT");
  });
});

describe("a whole home", () => {
  test("made anew under new keys is another, by fingerprint and by checkpoint", async () => {
    expect(await verifyBoth(other)).toMatchObject({ records: 4n, signed: 4n, anchored: 0n });
    expect((await verifyBoth(other, [], fingerprint)).code).toBe("ASTRID_AUDIT_PIN");
    expect((await verifyBoth(other, notes.slice(-1))).code).toBe("ASTRID_AUDIT_SIGNATURE");
  });

  test("restored from a backup, and used again, is found against the kept checkpoint", async () => {
    await using mine = await Home.make(1);
    const old = await mine.copy("old");
    await mine.start();
    const kept = (await mine.notes()).slice(-1);
    expect((await verifyBoth(old, kept)).code).toBe("ASTRID_AUDIT_CUT");
    await old.start();
    expect(await verifyBoth(old)).toMatchObject({ records: 4n, signed: 4n, anchored: 0n });
    expect((await verifyBoth(old, kept)).code).toBe("ASTRID_AUDIT_ROOT");
    // A checkpoint of the forged past in the place of the true one is found by the records.
    await mine.write("checkpoints", await old.read("checkpoints"));
    expect((await verifyBoth(mine)).code).toBe("ASTRID_AUDIT_ROOT");
  });
});

describe("certificates", () => {
  let mine: Home;
  let lines: string[];

  beforeAll(async () => {
    mine = await Home.make(1);
    await mine.startLater();
    await mine.startLater();
    lines = (await mine.read("epochs")).split("\n").slice(0, -1);
  });
  afterAll(() => mine[Symbol.asyncDispose]());

  test("verify over epochs, and each one is needed", async () => {
    expect(lines).toHaveLength(3);
    expect(await verifyBoth(mine, await mine.notes())).toMatchObject({ tornBytes: 0n });
    const changes = [lines.slice(0, -1), [lines[0], lines[2], lines[1]], lines.toSpliced(1, 1)];
    for (const change of changes) {
      await mine.write("epochs", `${change.join("\n")}\n`);
      expect((await verifyBoth(mine)).code).toBe("ASTRID_AUDIT_SIGNATURE");
    }
  });

  test.each([1, 2])("no character of certificate %d can be changed", async (number) => {
    const line = lines[number] ?? "";
    expect(line).toMatch(new RegExp(`^epoch ${number + 1} `));
    for (let at = 0; at < line.length; at++) {
      const character = line[at] === "A" ? "B" : "A";
      const changed = `${line.slice(0, at)}${character}${line.slice(at + 1)}`;
      await mine.write("epochs", `${lines.with(number, changed).join("\n")}\n`);
      expect((await verifyBoth(mine)).code).toMatch(/NOTE|SIGNATURE/);
    }
  });
});
