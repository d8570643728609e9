import { type AstridError, fail } from "../base/errors.js";
import { limit } from "../base/limits.js";
import { asking, fromNative } from "../native/errors.js";
import type { NativeVerified } from "../native/log.js";
import { type Anchor, isSigned } from "./anchors.js";
import type { KeyChain } from "./chain.js";
import { HASH_BYTES, type Tree } from "./checkpoint.js";
import { equal, fromHexOf } from "./encoding.js";
import { checkpointsPath, readCheckpoints } from "./notes-file.js";
import type { OpenLog } from "./open-log.js";
import { LINK_KIND, type Previous, parsePrevious } from "./renewal.js";

/** What a log is verified with. */
export interface VerifyOptions {
  /** Who may sign it, if it was ever signed. */
  readonly chain: KeyChain | undefined;
  /** What was kept elsewhere. */
  readonly anchors: readonly Anchor[];
  /** The fingerprint that was kept elsewhere. */
  readonly fingerprint?: string | undefined;
}

/** A log that verifies: who vouches for which of its records, from 1 on. */
export interface Verified {
  readonly records: bigint;
  /** Those of which only the hash is left. */
  readonly pruned: bigint;
  readonly root: string;
  /** Link of the last record. */
  readonly link: string;
  /** The records up to this one are those of a kept checkpoint. */
  readonly anchored: bigint;
  /** The records up to this one are signed by the home's keys. */
  readonly signed: bigint;
  readonly checkpoints: number;
  /** Bytes of a last record that was cut short. */
  readonly tornBytes: bigint;
  /** The keys' fingerprint, and whether it is the one that was given. */
  readonly fingerprint: string | undefined;
  readonly isPinned: boolean;
  /** The log before this one, as a record says. */
  readonly previous: Previous | undefined;
  /** Decisions without an outcome: how many, and the first of them. */
  readonly open: { readonly count: bigint; readonly first: readonly bigint[] };
}

/** What must be a tree of the log, and how it is called in a message. */
interface Claim extends Tree {
  readonly what: string;
}

/**
 * Verifies a whole log: every record, link and root from the bytes, every certificate and
 * checkpoint, and what was kept elsewhere. Reads it once, in constant memory, for each
 * `audit-verify-roots` checkpoints.
 *
 * Fails with `ASTRID_AUDIT_CORRUPT` naming the record, and `ASTRID_AUDIT_NOTE`, `_SIGNATURE`,
 * `_PIN`, `_CUT` and `_ROOT` naming the checkpoint.
 */
export async function verifyLog(log: OpenLog, options: VerifyOptions): Promise<Verified> {
  const { chain, anchors, fingerprint } = options;
  checkKeys(log, options);
  const seen = { checkpoints: 0, signed: largest(anchors.filter(isSigned)) };
  const last = await compareAll(log, claimsOf(log, options, seen));
  const { records, pruned, root, link, tornBytes } = last;
  const told = {
    previous: await previousOf(log),
    open: { count: last.openDecisions, first: last.openFirst },
  };
  const facts = { records, pruned, root, link, tornBytes, anchored: largest(anchors), ...seen };
  const isPinned = fingerprint !== undefined;
  return { ...facts, fingerprint: chain?.fingerprint, isPinned, ...told };
}

/** All that must be a tree of the log; each checkpoint's signatures are verified as it comes. */
async function* claimsOf(
  log: OpenLog,
  { chain, anchors }: VerifyOptions,
  seen: { checkpoints: number; signed: bigint },
): AsyncGenerator<Claim, void, undefined> {
  for (const { size, root } of anchors) yield { size, root, what: "the kept checkpoint" };
  for (const tree of chain?.closings ?? []) yield { ...tree, what: "the end of an epoch" };
  for await (const kept of readCheckpoints(log.files, checkpointsPath(log.home))) {
    if (chain === undefined) fail("ASTRID_AUDIT_SIGNATURE", "the checkpoints name no keys");
    chain.epochOf(kept);
    seen.checkpoints += 1;
    seen.signed = largest([kept, { size: seen.signed }]);
    yield { size: kept.size, root: kept.root, what: "a checkpoint" };
  }
}

/** Compares claims with the log, computed once for as many as `audit-verify-roots`. */
async function compareAll(log: OpenLog, claims: AsyncIterable<Claim>): Promise<NativeVerified> {
  const held: Claim[] = [];
  let last: NativeVerified | undefined;
  for await (const claim of claims) {
    held.push(claim);
    if (held.length >= limit("audit-verify-roots")) last = await compare(log, held.splice(0));
  }
  return held.length > 0 || last === undefined ? compare(log, held) : last;
}

function largest(trees: readonly Pick<Tree, "size">[]): bigint {
  let most = 0n;
  for (const { size } of trees) if (size > most) most = size;
  return most;
}

/** What needs no record: whose keys these are, and who signed what was kept. */
function checkKeys(log: OpenLog, { chain, anchors, fingerprint }: VerifyOptions): void {
  if (chain !== undefined && chain.roots.origin !== log.native.origin()) {
    fail("ASTRID_AUDIT_SIGNATURE", "the keys are of another log");
  }
  if (fingerprint !== undefined && chain?.fingerprint !== fingerprint) {
    fail("ASTRID_AUDIT_PIN", `the log's keys are ${chain?.fingerprint ?? "none"}`);
  }
  for (const anchor of anchors.filter(isSigned)) {
    if (chain === undefined) fail("ASTRID_AUDIT_SIGNATURE", "this log was never signed");
    chain.epochOf(anchor);
  }
}

/** Computes the log again, and whether each claim is a tree of it. */
async function compare(log: OpenLog, claims: readonly Claim[]): Promise<NativeVerified> {
  const ascending = [...claims].sort((a, b) => Number(a.size > b.size) - Number(a.size < b.size));
  const sizes = [...new Set(ascending.map(({ size }) => size))];
  const verified = await asking(() => log.native.verify(sizes));
  if (verified.fault !== undefined) throw faultOf(verified.fault);
  const roots = new Map(sizes.map((size, at) => [size, verified.roots[at]]));
  for (const { size, root, what } of ascending) {
    if (size > verified.records) {
      fail("ASTRID_AUDIT_CUT", `the log has ${verified.records} records, ${what} has ${size}`);
    }
    const found = fromHexOf(roots.get(size) ?? "", HASH_BYTES);
    if (found === undefined || !equal(found, root)) {
      fail("ASTRID_AUDIT_ROOT", `records 1 to ${size} are not those of ${what}`);
    }
  }
  return verified;
}

function faultOf({ code, message, sequence }: { code: string } & Fault): AstridError {
  return fromNative({ code, message: `record ${sequence}: ${message}` });
}

type Fault = Readonly<Omit<NonNullable<NativeVerified["fault"]>, "code">>;

/** The log that this one follows, as one of its first records says. */
async function previousOf(log: OpenLog): Promise<Previous | undefined> {
  const query = { from: 1n, limit: limit("record-page"), newestFirst: false, byRecords: true };
  const { records } = await asking(() => log.native.query(query));
  // A crash may have left the same link twice; a later one links nothing.
  const link = records.find(({ kind }) => kind === LINK_KIND);
  return link && parsePrevious(link.resource ?? "");
}
