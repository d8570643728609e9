import { beforeAll, describe, expect, test } from "@jest/globals";

import { parseCheckpoint } from "../../../ts/audit/checkpoint.js";
import { isSignedBy, pairOf, signaturesReady } from "../../../ts/audit/ed25519.js";
import { fromBase64, fromDecimal, toBase64 } from "../../../ts/audit/encoding.js";
import { formatKey, isNoteSignedBy, parseNote, signNote } from "../../../ts/audit/note.js";

beforeAll(signaturesReady);

import { codeOf } from "./code.js";

/** The key and note that the documentation of Go's signed notes shows. */
const PETER = {
  name: "PeterNeumann",
  publicKey: Buffer.from("GlzZBxQ8OExB6DDFvOEqqIF+xWSaqr8sMTiLNbLXRNY=", "base64"),
};
const PUBLISHED = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann ${[
  "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ",
  "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
].join("")}
`;

const PAIR = () => ({ ...pairOf(new Uint8Array(32).fill(7)), name: NAME });
const NAME = "example.com/log";
const TEXT = `${NAME}\n12\n${toBase64(new Uint8Array(32).fill(3))}\n`;

function signed(text: string): string {
  return `${text}\n— a ${toBase64(new Uint8Array(68))}\n`;
}

describe("signed notes", () => {
  test("agree with the published key and note", () => {
    expect(formatKey(PETER)).toBe(
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    );
    expect(isNoteSignedBy(parseNote(PUBLISHED), PETER)).toBe(true);
    expect(isNoteSignedBy(parseNote(PUBLISHED.replace("If", "It")), PETER)).toBe(false);
    expect(isNoteSignedBy(parseNote(PUBLISHED), { ...PETER, name: "Peter" })).toBe(false);
  });

  test("hold for whoever signed, and for nobody else", () => {
    const other = { ...pairOf(new Uint8Array(32).fill(8)), name: `${NAME}/epoch/1` };
    const note = parseNote(signNote(TEXT, [PAIR(), other]));
    expect(note.signatures).toHaveLength(2);
    expect(isNoteSignedBy(note, PAIR())).toBe(true);
    expect(isNoteSignedBy(note, other)).toBe(true);
    expect(isNoteSignedBy(note, { ...other, name: NAME })).toBe(false);
  });

  test("a changed byte anywhere is noticed", () => {
    const source = signNote(TEXT, [PAIR()]);
    for (let at = 0; at < source.length; at++) {
      const other = source[at] === "x" ? "y" : "x";
      const changed = `${source.slice(0, at)}${other}${source.slice(at + 1)}`;
      let holds = false;
      try {
        const checkpoint = parseCheckpoint(changed);
        holds = isNoteSignedBy(checkpoint.note, PAIR());
      } catch (error) {
        expect(error).toMatchObject({ code: "ASTRID_AUDIT_NOTE" });
      }
      expect(holds).toBe(false);
    }
  });

  test.each([
    ["nothing", ""],
    ["no signature", TEXT],
    ["no text", "\n— a AAAAAAAA\n"],
    ["a control character", signed("a\tb\n")],
    ["a carriage return", signed(TEXT).replaceAll("\n", "\r\n")],
    ["no last line feed", signed(TEXT).slice(0, -1)],
    ["something behind", `${signed(TEXT)}x\n`],
    ["a hyphen in place of the dash", signed(TEXT).replace("—", "-")],
    ["Base64 with spare bits", signed(TEXT).replace(/A=\n$/, "B=\n")],
    ["a name with a plus", "a\n\n— a+b AAAAAAAA\n"],
    ["a name with a wide space", "a\n\n— a\u2003b AAAAAAAA\n"],
    ["a signature twice", `${signed(TEXT)}${signed(TEXT).split("\n\n")[1]}`],
    ["more than the limit", `${"x".repeat(70_000)}\n${signed(TEXT)}`],
    ["too many signatures", `a\n\n${"— a AAAAAAAA\n".repeat(65)}`],
  ])("%s is refused", async (_, source) => {
    expect(await codeOf(() => parseNote(source))).toBe("ASTRID_AUDIT_NOTE");
  });
});

describe("checkpoints", () => {
  test.each([
    ["a line more", `${TEXT}more\n`],
    ["a line less", `${NAME}\n12\n`],
    ["a size with a zero before it", TEXT.replace("12", "012")],
    ["a negative size", TEXT.replace("12", "-1")],
    ["a size over 64 bits", TEXT.replace("12", "18446744073709551616")],
    ["a root too short", `${NAME}\n12\n${toBase64(new Uint8Array(31))}\n`],
  ])("with %s are refused", async (_, text) => {
    expect(await codeOf(() => parseCheckpoint(signNote(text, [PAIR()])))).toBe("ASTRID_AUDIT_NOTE");
  });

  test("are read as they were written", () => {
    const { name, size, root } = parseCheckpoint(signNote(TEXT, [PAIR()]));
    expect({ name, size, root }).toEqual({
      name: NAME,
      size: 12n,
      root: new Uint8Array(32).fill(3),
    });
  });
});

test("encodings have one spelling", () => {
  expect(fromBase64("AA==")).toEqual(new Uint8Array(1));
  for (const text of ["AA", "AB==", "A A=", "AA=\n", "_-==", "!"]) {
    expect(fromBase64(text)).toBeUndefined();
  }
  expect(fromDecimal("18446744073709551615")).toBe(2n ** 64n - 1n);
  for (const text of ["", "00", "+1", "1 ", "1e3", "0x1"])
    expect(fromDecimal(text)).toBeUndefined();
});

test("a signature of a wrong length is none", () => {
  const { publicKey } = pairOf(new Uint8Array(32));
  expect(isSignedBy(publicKey, new Uint8Array(1), new Uint8Array(63))).toBe(false);
});
