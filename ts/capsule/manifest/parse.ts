import { parse, TomlError } from "smol-toml";

import { fail } from "../../base/errors.js";
import { limit } from "../../base/limits.js";
import { excerpt, type Position } from "../excerpt.js";
import { explain } from "./explain.js";
import { locateKeys } from "./locate.js";
import { type Manifest, manifestSchema } from "./schema.js";

/** Deepest nesting of tables and lists, in levels: a manifest has few, and parsers recurse. */
const DEPTH_MAX = 32;

/**
 * The manifest that `text` says, in its normal form. `file` is its name in messages.
 *
 * Fails with `ASTRID_MANIFEST`; the message has `file:line:column` and the line itself.
 */
export function parseManifest(text: string, file = "Capsule.toml"): Manifest {
  if (Buffer.byteLength(text) > limit("manifest-bytes")) {
    fail("ASTRID_MANIFEST", `${file} has more than ${limit("manifest-bytes")} bytes`, {
      limit: "manifest-bytes",
    });
  }
  const report = reporter(text, file);
  const result = manifestSchema.safeParse(parseToml(text, report), { reportInput: true });
  if (result.success) return result.data;
  const locator = locateKeys(text);
  const findings = result.error.issues.map(explain).map((finding) => ({
    ...finding,
    at: locator.find(finding.path),
  }));
  // A key that is missing is often one that is misspelt, so what is there comes first.
  findings.sort(
    (a, b) =>
      Number(a.isMissing ?? false) - Number(b.isMissing ?? false) ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column,
  );
  const [first] = findings;
  return report(first?.at ?? START, first?.text ?? "not a manifest", first?.hint);
}

const START: Position = { line: 1, column: 1 };

type Report = (at: Position, text: string, hint?: string) => never;

function parseToml(text: string, report: Report): unknown {
  try {
    return parse(text, { maxDepth: DEPTH_MAX });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    return report({ line: error.line, column: error.column }, reason);
  }
}

/** Fails with the place, the offending line with a mark below it, and the hint. */
function reporter(text: string, file: string): Report {
  return (at, what, hint) =>
    fail(
      "ASTRID_MANIFEST",
      excerpt({ file, at, what }, text),
      hint === undefined ? {} : { hints: [hint] },
    );
}
