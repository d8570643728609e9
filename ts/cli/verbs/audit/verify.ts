import { parseFingerprint } from "../../../audit/certificate.js";
import { signaturesReady } from "../../../audit/ed25519.js";
import { toHex } from "../../../audit/encoding.js";
import { verifyProof } from "../../../audit/proof.js";
import { formatPrevious } from "../../../audit/renewal.js";
import { type Verified, verifyLog } from "../../../audit/verify.js";
import { fail } from "../../../base/errors.js";
import { chainOf, HOME_FLAG, logOf } from "../../audit/home.js";
import { keptFlag, readKept } from "../../audit/kept.js";
import type { Context, Verb } from "../../context.js";
import { toJson } from "../../documents.js";
import type { Arguments } from "../../flags.js";
import { noOperand } from "../../operand.js";
import { withProgress } from "../../progress.js";

export const verify: Verb = {
  name: "audit verify",
  operand: "",
  about: "computes the whole log again, and says which records are vouched for by what",
  details: [
    "Without --against and --key it shows that the log is consistent with itself: whoever may",
    "write the home could have made another one. Give it what was kept elsewhere.",
  ],
  flags: {
    against: {
      value: "<file | size:root>",
      isRepeatable: true,
      about: "what was kept: checkpoints, or the line that a run ended with",
    },
    key: { value: "<fingerprint>", about: "what audit key printed: the keys must be the same" },
    proof: { value: "<file>", about: "verify this proof by itself; no log is read" },
    ...HOME_FLAG,
  },
  examples: [
    "npx astrid-native audit verify --against kept.txt",
    "npx astrid-native audit verify --against 1234:<root>",
    "npx astrid-native audit verify --key astrid:0f3c…",
    "npx astrid-native audit verify --proof proof.txt --key astrid:0f3c…",
  ],
  run: verifyVerb,
};

async function verifyVerb(context: Context, args: Arguments): Promise<number> {
  noOperand(args);
  const fingerprint = fingerprintFlag(args);
  const proof = args.text("proof");
  if (proof !== undefined) return verifyProofFile(context, args, { proof, fingerprint });
  const log = await logOf(context, args);
  const anchors = await keptFlag(context, args, log);
  const chain = await chainOf(context, log.home);
  const verified = await withProgress(
    context,
    "verifying the log",
    () => verifyLog(log, { chain, anchors, fingerprint }),
    () => recordsOf(log.native.seen()),
  );
  if (args.has("json")) context.print.json(toJson(documentOf(verified)));
  else for (const line of linesOf(verified)) context.print.row(line);
  return 0;
}

/** A number of records, short: `3.2 M records`. */
function recordsOf(count: bigint): string {
  return count < 100_000n ? `${count} records` : `${(Number(count) / 1e6).toFixed(1)} M records`;
}

function documentOf({ previous, ...verified }: Verified): object {
  const before = previous && { ...previous, root: toHex(previous.root) };
  return { outcome: "done", ...verified, ...(before && { previous: before }) };
}

/** What was verified, range by range. */
export function linesOf(verified: Verified): string[] {
  const { records, pruned, anchored, signed, tornBytes } = verified;
  const { open, isPinned, fingerprint, previous } = verified;
  const [signedTo = 0n] = signed > anchored ? [signed] : [anchored];
  const by = isPinned ? "by the keys of the given fingerprint" : "only this home vouches";
  const isAlone = anchored === 0n && !isPinned;
  return [
    ...range(1n, anchored, "anchored: in a checkpoint that was kept elsewhere"),
    ...range(anchored + 1n, signedTo, `signed: ${by}`),
    ...range(signedTo + 1n, records, "unsigned tail"),
    ...(records === 0n ? ["no records"] : []),
    ...(pruned === 0n ? [] : [`${pruned} of them pruned: their hashes are left`]),
    ...(tornBytes === 0n ? [] : [`${tornBytes} bytes at the end are no whole record`]),
    ...(open.count === 0n ? [] : [`decisions without an outcome: ${shown(open)}`]),
    ...(previous === undefined ? [] : [`follows the log ${formatPrevious(previous)}`]),
    ...(fingerprint === undefined ? [] : [`keys ${fingerprint}`]),
    ...(isAlone ? ["consistent with itself; only this home vouches"] : []),
  ];
}

function range(from: bigint, to: bigint, what: string): string[] {
  if (to < from) return [];
  return [from === to ? `record ${from}  ${what}` : `records ${from} to ${to}  ${what}`];
}

function shown({ count, first }: Verified["open"]): string {
  const more = count > BigInt(first.length) ? ", …" : "";
  return `${count} (record ${first.join(", ")}${more})`;
}

async function verifyProofFile(
  context: Context,
  args: Arguments,
  given: { readonly proof: string; readonly fingerprint: string | undefined },
): Promise<number> {
  if (args.texts("against").length > 0) {
    fail("ASTRID_USAGE", "--proof verifies a proof by itself, without --against");
  }
  await signaturesReady();
  const bytes = await readKept(context, given.proof, "audit-proof-bytes");
  const proven = verifyProof(bytes, given.fingerprint);
  const { sequence, recordHash, size, isPinned, fingerprint } = proven;
  if (args.has("json")) {
    context.print.json(toJson({ outcome: "done", ...proven }));
    return 0;
  }
  const { print } = context;
  print.row(`record ${sequence} is in the log of ${size} records`);
  print.row(`record hash ${recordHash}`);
  print.row(`keys ${fingerprint}`);
  if (!isPinned) print.row("whoever made the proof may have made the keys: give --key");
  return 0;
}

function fingerprintFlag(args: Arguments): string | undefined {
  const text = args.text("key");
  if (text === undefined) return undefined;
  return (
    parseFingerprint(text) ??
    fail("ASTRID_USAGE", `--key is no fingerprint: ${JSON.stringify(text)}`, {
      hints: ["audit key prints it: astrid: and 64 hexadecimal digits"],
    })
  );
}
