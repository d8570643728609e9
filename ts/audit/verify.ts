import { type AstridError, fail } from "../base/errors.js";
import { limit } from "../base/limits.js";
import { asking, fromNative } from "../native/errors.js";
import type { NativeVerified } from "../native/log.js";
import type { KeyChain } from "./chain.js";
import { HASH_BYTES, type Tree } from "./checkpoint.js";
import { OpenDecisions } from "./decisions.js";
import { equal, fromHexOf } from "./encoding.js";
import { checkpointsPath, type Kept, readCheckpoints } from "./notes-file.js";
import type { OpenLog } from "./open-log.js";

/** What a log is verified with. */
export interface VerifyOptions {
  /** Who may sign it, if it was ever signed. */
  readonly chain: KeyChain | undefined;
  /** Checkpoints that were kept elsewhere. */
  readonly anchors: readonly Kept[];
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
  /** Decisions without an outcome: how many, and the first of them. */
  readonly open: { readonly count: bigint; readonly first: readonly bigint[] };
}

/** What must be a tree of the log, and how it is called in a message. */
interface Claim extends Tree {
  readonly what: string;
}

const OPEN_SHOWN = 20;

/**
 * Verifies a whole log: every record, link and root from the bytes, every certificate and
 * checkpoint, and what was kept elsewhere. Holds no more of it than a page.
 *
 * Fails with `ASTRID_AUDIT_CORRUPT` naming the record, and `ASTRID_AUDIT_NOTE`, `_SIGNATURE`,
 * `_PIN`, `_CUT` and `_ROOT` naming the checkpoint.
 */
export async function verifyLog(log: OpenLog, options: VerifyOptions): Promise<Verified> {
  const { chain, anchors, fingerprint } = options;
  checkKeys(log, options);
  const claims: Claim[] = [
    ...anchors.map(({ size, root }) => ({ size, root, what: "the kept checkpoint" })),
    ...(chain?.closings ?? []).map((tree) => ({ ...tree, what: "the end of an epoch" })),
  ];
  let [signed, checkpoints] = [0n, 0];
  let last: NativeVerified | undefined;
  for await (const kept of readCheckpoints(log.files, checkpointsPath(log.home))) {
    if (chain === undefined) fail("ASTRID_AUDIT_SIGNATURE", "the checkpoints name no keys");
    chain.epochOf(kept);
    claims.push({ size: kept.size, root: kept.root, what: "a checkpoint" });
    checkpoints += 1;
    signed = largest([kept, { size: signed }]);
    if (claims.length < limit("audit-verify-roots")) continue;
    last = await compare(log, claims.splice(0));
  }
  if (claims.length > 0 || last === undefined) last = await compare(log, claims);
  const { records, pruned, root, link, tornBytes } = last;
  const open = await openDecisions(log, records);
  const anchored = largest(anchors);
  const isPinned = fingerprint !== undefined;
  const facts = { records, pruned, root, link, tornBytes, anchored, signed, checkpoints };
  return { ...facts, fingerprint: chain?.fingerprint, isPinned, open };
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
  for (const anchor of anchors) {
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

async function openDecisions(log: OpenLog, records: bigint): Promise<Verified["open"]> {
  const open = new OpenDecisions();
  const pageRecords = limit("record-page");
  for (let next = 1n; next <= records; ) {
    const page = await asking(() => log.native.read(next, pageRecords));
    for (const record of page) if (record.sequence <= records) open.add(record);
    next = (page.at(-1)?.sequence ?? records) + 1n;
  }
  return { count: open.count, first: open.first(OPEN_SHOWN) };
}
