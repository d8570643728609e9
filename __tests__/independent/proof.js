// A proof of one record (c2sp.org/tlog-proof), verified without the log.
import { decimal, Finding, fromBase64, isSame, textOf, utf8 } from "./bytes.js";
import { checkSignatures, fingerprintOf, parseEpochs } from "./epochs.js";
import { isIncluded, leafOf } from "./hashes.js";
import { parseCheckpoint } from "./note.js";

const PROOF = new RegExp(
  "^c2sp\\.org/tlog-proof@v1\\nextra (?<extra>\\S+)\\nindex (?<index>\\d+)\\n" +
    "(?<path>(?:[A-Za-z0-9+/=]+\\n){0,64})\\n(?<note>.*)$",
  "s",
);

/** The record's sequence, its hash and the keys' fingerprint. Throws a Finding. */
export function verifyProof(bytes, fingerprint) {
  const { extra, index, path, note } = PROOF.exec(read(() => textOf(bytes)))?.groups ?? {};
  const digests = path?.split("\n").slice(0, -1).map(fromBase64);
  const at = decimal(index ?? "");
  if (at === undefined || digests.some((digest) => digest?.length !== 32)) throw bad("its lines");
  const [head, ...lines] = read(() => textOf(fromBase64(extra))).split("\n");
  const entry = fromBase64(/^record (\S+)$/.exec(head)?.[1] ?? "");
  if (entry?.length !== 32 || lines.at(-1) !== "") throw bad("its record or its keys");
  const keys = parseEpochs(utf8(lines.join("\n")));
  const pin = fingerprintOf(keys);
  if (
    fingerprint !== undefined &&
    fingerprint.replace(/^astrid:/, "").replaceAll("-", "") !== pin
  ) {
    throw new Finding("PIN", "the keys are not those of the fingerprint");
  }
  const { size, root, ...checkpoint } = parseCheckpoint(utf8(note));
  checkSignatures(keys, { size, root, ...checkpoint });
  const roots = keys.closings.filter((closing) => closing.size === size);
  const isThere = isIncluded({ index: at, size, leaf: leafOf(entry), path: digests, root });
  if (!isThere || !roots.every((closing) => isSame(closing.root, root))) {
    throw new Finding("ROOT", `record ${at + 1n} is not in the tree`);
  }
  return { sequence: at + 1n, hash: entry, size, fingerprint: pin };
}

function read(act) {
  try {
    return act();
  } catch {
    throw bad("its text");
  }
}

const bad = (what) => new Finding("NOTE", `a proof: ${what}`);
