// A small log taken apart into the frames of its records, and put together again.
import { readFile, rm, writeFile } from "node:fs/promises";

import type { Home } from "../ts/audit/home.js";
import { independent } from "./both.js";

const HEADER_BYTES = 88;
const LINK_BYTES = 32;

interface Hashes {
  genesis(origin: Uint8Array): Uint8Array;
  recordHash(body: Uint8Array): Uint8Array;
  linkOf(before: Uint8Array, hash: Uint8Array): Uint8Array;
}
const hashes = await independent<Hashes>("./hashes.js");

/** The frames of a log in one segment. */
export async function framesOf(home: Home): Promise<Buffer[]> {
  const bytes = await readFile(home.path("segment-00000001.log"));
  const frames: Buffer[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const end = at + 4 + (bytes.readUInt32LE(at) & 0xffffff) + LINK_BYTES;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Writes the frames as the home's log; from the frame `second` on, as a second segment. */
export async function layOut(
  home: Home,
  frames: readonly Buffer[],
  second?: number,
): Promise<void> {
  const head = (await readFile(home.path("segment-00000001.log"))).subarray(0, HEADER_BYTES);
  const end = second ?? frames.length;
  await writeFile(home.path("segment-00000001.log"), [head, ...frames.slice(0, end)]);
  await rm(home.path("segment-00000002.log"), { force: true });
  if (second === undefined) return;
  const next = Buffer.from(head);
  next.writeUInt32LE(2, 12);
  next.writeBigUInt64LE(BigInt(second + 1), 48);
  frames[second - 1]?.subarray(-LINK_BYTES).copy(next, 56);
  await writeFile(home.path("segment-00000002.log"), [next, ...frames.slice(second)]);
}

/** The same bodies with links that fit, as anyone can compute them. */
export async function linked(home: Home, frames: readonly Buffer[]): Promise<Buffer[]> {
  let link = hashes.genesis((await readFile(home.path("origin"))).subarray(12));
  return frames.map((frame) => {
    const body = frame.subarray(4, -LINK_BYTES);
    link = hashes.linkOf(link, hashes.recordHash(body));
    return Buffer.concat([frame.subarray(0, -LINK_BYTES), link]);
  });
}

/** The frame with its record's hash in place of the body, as pruning leaves it. */
export function hashed(frame: Buffer): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(32 + 2 * 2 ** 24);
  const hash = hashes.recordHash(frame.subarray(4, -LINK_BYTES));
  return Buffer.concat([word, hash, frame.subarray(-LINK_BYTES)]);
}
