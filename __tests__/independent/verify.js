// The whole log: every record, link and root from the bytes, every signature from the keys.
import { join } from "node:path";

import { Finding, isSame } from "./bytes.js";
import { checkSignatures, fingerprintOf, parseEpochs } from "./epochs.js";
import { Tree } from "./hashes.js";
import { parseCheckpoint, splitNotes } from "./note.js";
import { readIfThere, readOrigin, readRecords } from "./segments.js";

/**
 * Verifies the log in a folder: what it holds, and up to which record it is vouched for. Anchors
 * are notes that were kept, or `{ size, root }`. Throws a Finding.
 */
export function verifyLog(folder, { anchors = [], fingerprint } = {}) {
  const origin = readOrigin(folder);
  const lines = readIfThere(join(folder, "epochs"));
  const keys = lines && parseEpochs(lines);
  checkKeys({ keys, origin, fingerprint });
  const notes = splitNotes(readIfThere(join(folder, "checkpoints")) ?? new Uint8Array());
  const own = notes.map(parseCheckpoint);
  const kept = anchors.map((anchor) => {
    return anchor instanceof Uint8Array ? parseCheckpoint(anchor) : anchor;
  });
  for (const checkpoint of [...own, ...kept]) {
    if ("signatures" in checkpoint) checkSignatures(keys, checkpoint);
  }
  const closings = keys?.closings ?? [];
  const found = readAll(folder, origin, [...closings, ...own, ...kept]);
  return {
    ...found,
    anchored: largest(kept),
    signed: largest([...own, ...closings, ...kept.filter((anchor) => "signatures" in anchor)]),
    fingerprint: keys && fingerprintOf(keys),
  };
}

/** The largest size among these. */
function largest(roots) {
  const sizes = roots.map(({ size }) => size);
  return sizes.sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
}

function checkKeys({ keys, origin, fingerprint }) {
  if (keys !== undefined && !isSame(keys.origin, origin)) {
    throw new Finding("SIGNATURE", "the keys are of another log");
  }
  if (fingerprint === undefined) return;
  const digits = fingerprint.replace(/^astrid:/, "").replaceAll("-", "");
  if (keys === undefined || fingerprintOf(keys) !== digits) {
    throw new Finding("PIN", "the keys are not those of the fingerprint");
  }
}

/** One pass over the records; each root has to be there when its size is reached. */
function readAll(folder, origin, roots) {
  const wanted = [...roots].sort((a, b) => (a.size < b.size ? -1 : Number(a.size > b.size)));
  const tree = new Tree();
  const open = new Set();
  let previous;
  const compare = () => {
    for (; wanted[0]?.size === tree.size; wanted.shift()) {
      if (!isSame(tree.root, wanted[0].root)) {
        throw new Finding("ROOT", `the root over ${tree.size} records`);
      }
    }
  };
  compare();
  const records = readRecords(folder, origin);
  let step = records.next();
  for (; step.done !== true; step = records.next()) {
    tree.add(step.value.hash);
    follow(open, step.value);
    const { record } = step.value;
    if (record?.kind === "log.origin") previous ??= record.resource.kept;
    compare();
  }
  if (wanted.length > 0) {
    throw new Finding("CUT", `${tree.size} records, but a checkpoint has ${wanted[0].size}`);
  }
  return { records: tree.size, root: tree.root, tornBytes: step.value, open: [...open], previous };
}

/** Keeps the decisions that have no outcome yet. */
function follow(open, { sequence, record }) {
  if (record?.kind === "call.decision") open.add(sequence);
  if (record?.kind === "call.outcome") open.delete(record.cause);
}
