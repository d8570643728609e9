// The vectors of record, chain and tree, by the verifier that was written from the page alone.
import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "@jest/globals";

import { independent } from "./both.js";

type Bytes = Uint8Array;
interface Path {
  readonly root: Bytes;
  readonly size: bigint;
  readonly path: readonly Bytes[];
}
interface Hashes {
  genesis(origin: Bytes): Bytes;
  recordHash(body: Bytes): Bytes;
  linkOf(before: Bytes, hash: Bytes): Bytes;
  leafOf(entry: Bytes): Bytes;
  readonly Tree: new () => { readonly root: Bytes; add(entry: Bytes): void };
  isIncluded(path: Path & { readonly index: bigint; readonly leaf: Bytes }): boolean;
  isConsistent(path: Path & { readonly old: bigint; readonly oldRoot: Bytes }): boolean;
}
interface Text {
  readonly kept: string;
  readonly whole?: Bytes;
}

const { decodeRecord } = await independent<{
  decodeRecord(bytes: Bytes): Record<string, unknown>;
}>("./record.js");
const hashes = await independent<Hashes>("./hashes.js");
const FOLDER = new URL("../../../native/vectors/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, FOLDER), "utf8");
const bytesOf = (digits = ""): Buffer => Buffer.from(digits.replaceAll(/\s/g, ""), "hex");
const hex = (bytes: Bytes): string => Buffer.from(bytes).toString("hex");

/** A field's name in the vectors, and in the record. */
const NAMES: Readonly<Record<string, string>> = {
  "wall-us": "wallUs",
  "mono-ns": "monoNs",
  "since-us": "since",
};

/** What a vector says of a field, of the record's value. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  return typeof value === "object" ? (value as Text).kept : String(value);
}

/** A text as the vectors escape it. */
function escaped(text: string): string {
  if (text.length > 80) return `(${Buffer.byteLength(text)} bytes)`;
  const plain: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code > 0x1f && code < 0x7f)
        return /["'\\]/.test(character) ? `\\${character}` : character;
      return plain[character] ?? `\\u{${code.toString(16)}}`;
    })
    .join("");
}

const records = readdirSync(new URL("record/", FOLDER)).filter((name) => name !== "chain.txt");

test.each(records)("a record: %s", (name) => {
  const [head = "", digits] = read(`record/${name}`).split("\n\n");
  const [expected, ...fields] = head.split("\n");
  if (expected !== "expect: ok") {
    expect(() => decodeRecord(bytesOf(digits))).toThrow();
    return;
  }
  const record = decodeRecord(bytesOf(digits));
  for (const [, field = "", value] of fields.map((line) => /^([^:]*): (.*)$/.exec(line) ?? [])) {
    const name = field.replace(/-whole$/, "");
    const found = record[NAMES[name] ?? name];
    const isText = typeof found === "object" && found !== null && "kept" in found;
    const text = isText ? escaped((found as Text).kept) : shown(found);
    expect([field, field === name ? text : shown((found as Text).whole)]).toEqual([field, value]);
  }
});

test("the chain", () => {
  const lines = read("record/chain.txt").trim().split("\n");
  const value = Object.fromEntries(lines.map((line) => line.split(": ")));
  const link = hashes.genesis(bytesOf(value["origin"]));
  const hash = hashes.recordHash(bytesOf(value["body"]));
  expect(hex(link)).toBe(value["genesis"]);
  expect(hex(hash)).toBe(value["hash"]);
  expect(hex(hashes.linkOf(link, hash))).toBe(value["link"]);
});

test("roots and proofs of the tree", () => {
  const lines = read("tree/rfc6962.txt").split("\n\n")[1]?.trim().split("\n") ?? [];
  const rows = lines.map((line) => line.split(" "));
  const entries = rows.filter(([word]) => word === "entry").map(([, digits]) => bytesOf(digits));
  const tree = new hashes.Tree();
  const roots = [tree.root];
  for (const entry of entries) {
    tree.add(entry);
    roots.push(tree.root);
  }
  const rootOf = (size: string | undefined): Bytes => roots[Number(size)] ?? bytesOf();
  let proofs = 0;
  for (const [word, first = "", size = "", ...rest] of rows) {
    const path = rest.map(bytesOf);
    if (word === "root") expect(hex(rootOf(first))).toBe(size);
    if (word !== "inclusion" && word !== "consistency") continue;
    const base = { size: BigInt(size), root: rootOf(size) };
    const leaf = hashes.leafOf(entries[Number(first)] ?? bytesOf());
    const holds = (changed: readonly Bytes[]): boolean =>
      word === "inclusion"
        ? hashes.isIncluded({ ...base, path: changed, index: BigInt(first), leaf })
        : hashes.isConsistent({
            ...base,
            path: changed,
            old: BigInt(first),
            oldRoot: rootOf(first),
          });
    expect([word, first, size, holds(path)]).toEqual([word, first, size, true]);
    expect(holds([...path, Buffer.alloc(32)])).toBe(false);
    for (let at = 0; at < path.length; at++) {
      expect(holds(path.toSpliced(at, 1))).toBe(false);
      expect(holds(path.with(at, Buffer.alloc(32)))).toBe(false);
    }
    proofs++;
  }
  expect(proofs).toBeGreaterThan(30);
});
