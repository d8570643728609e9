// The keys of a log: what a fingerprint stands for, and the certificates that follow from it.
import { sha256 } from "@noble/hashes/sha2.js";

import {
  base64,
  concat,
  decimal,
  Finding,
  fromBase64,
  hex,
  isSame,
  textOf,
  utf8,
} from "./bytes.js";
import { isSigned, isSignedBy } from "./note.js";

/** The keys in the lines of `epochs`; each certificate is verified. */
export function parseEpochs(bytes) {
  const [head = "", ...lines] = decode(bytes).split("\n").slice(0, -1);
  const [word, origin, logKey, firstKey, ...rest] = head.split(" ");
  const isOrigin = word === "keys" && /^[0-9a-f]{64}$/.test(origin ?? "") && rest.length === 0;
  if (!isOrigin) throw new Finding("NOTE", "the first line of epochs");
  const keys = {
    origin: new Uint8Array(Buffer.from(origin, "hex")),
    log: readKey(logKey),
    epochs: [readKey(firstKey)],
    closings: [],
  };
  for (const line of lines) addEpoch(keys, line);
  return keys;
}

function addEpoch(keys, line) {
  const [word, number, key, size, root, signature, ...rest] = line.split(" ");
  const epoch = {
    number: Number(decimal(number ?? "")),
    key: readKey(key),
    size: decimal(size ?? ""),
    root: readKey(root),
    signature: fromBase64(signature ?? ""),
  };
  const isForm = word === "epoch" && rest.length === 0 && epoch.size !== undefined;
  if (!isForm || epoch.signature?.length !== 64 || Number.isNaN(epoch.number)) {
    throw new Finding("NOTE", `a line of epochs: ${line}`);
  }
  const known = keys.epochs[epoch.number - 1];
  const isNext = epoch.number === keys.epochs.length + 1;
  // Two processes may have closed the same epoch: then both name the same next key.
  const isAgain =
    epoch.number === keys.epochs.length && known !== undefined && isSame(known, epoch.key);
  const signer = keys.epochs[epoch.number - 2];
  if (!(isNext || isAgain) || signer === undefined) {
    throw new Finding("SIGNATURE", `epoch ${number} doesn't follow`);
  }
  if (!isSigned(epoch.signature, certified(keys.origin, epoch), signer)) {
    throw new Finding("SIGNATURE", `the certificate of epoch ${number}`);
  }
  if (isNext) keys.epochs.push(epoch.key);
  keys.closings.push({
    size: epoch.size,
    root: epoch.root,
    what: `closing before epoch ${number}`,
  });
}

/** What a certificate signs. */
function certified(origin, { number, key, size, root }) {
  const lines = ["astrid-native epoch v1", hex(origin), number, base64(key), size, base64(root)];
  return utf8(`${lines.join("\n")}\n`);
}

/** What others note down: SHA-256 over origin, log key and first epoch's key, as digits. */
export function fingerprintOf({ origin, log, epochs }) {
  return hex(sha256(concat(origin, log, epochs[0])));
}

/** Throws unless log key and an epoch's key signed this checkpoint of this log. */
export function checkSignatures(keys, checkpoint) {
  const name = keys && `astrid-native/${hex(keys.origin).slice(0, 32)}`;
  const isOurs =
    checkpoint.origin === name &&
    isSignedBy(checkpoint, name, keys.log) &&
    keys.epochs.some((key, at) => isSignedBy(checkpoint, `${name}/epoch/${at + 1}`, key));
  if (!isOurs) throw new Finding("SIGNATURE", `the checkpoint of ${checkpoint.size} records`);
}

function readKey(text) {
  const bytes = fromBase64(text ?? "");
  if (bytes?.length !== 32) throw new Finding("NOTE", "a key or root in epochs");
  return bytes;
}

function decode(bytes) {
  try {
    return textOf(bytes);
  } catch {
    throw new Finding("NOTE", "epochs is not UTF-8");
  }
}
