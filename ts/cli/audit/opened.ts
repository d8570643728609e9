import { resolve } from "node:path";

import { fromUtf8, toBase64, toHex } from "../../audit/encoding.js";
import type { OpenLog } from "../../audit/open-log.js";
import { type OpenedText, openText } from "../../audit/open-text.js";
import { textKeyPath } from "../../audit/text-key.js";
import type { Context } from "../context.js";
import type { Arguments, FlagTable } from "../flags.js";

/** What `audit show` takes to open kept text. */
export const OPEN_FLAGS = {
  open: { about: "show the arguments too, if their text was kept, and check them" },
  "text-key": { value: "<file>", about: "the key that opens them; the home's keys/text" },
} as const satisfies FlagTable;

/** The arguments of a record, if the flags ask for them. Errors as `openText`. */
export async function openedFlag(
  { powers }: Context,
  args: Arguments,
  { native, home }: OpenLog,
  sequence: bigint,
): Promise<OpenedText | undefined> {
  if (!args.has("open")) return undefined;
  const named = args.text("text-key");
  const keyFile =
    named === undefined ? textKeyPath(home) : resolve(powers.host.workingFolder(), named);
  return openText(powers, native, { sequence, keyFile });
}

const SENTENCES = {
  nothing: "the record has no arguments",
  "not-kept": "not kept: nobody asked for it, or it was too long",
  forgotten: "forgotten: its salt or text was destroyed",
  "no-key": "kept, but the key that opens it is not here: name it with --text-key",
  matches: "matches its commitment",
} as const;

/** For people: each argument as JSON text, or in hexadecimal where it is no text. */
export function openedRows(opened: OpenedText): (readonly [string, string])[] {
  const state = ["text", SENTENCES[opened.state]] as const;
  if (opened.state !== "matches") return [state];
  const { arguments: all } = opened;
  const rows = all.map((bytes, at) => {
    const text = fromUtf8(bytes);
    const shown = text === undefined ? `hex ${toHex(bytes)}` : JSON.stringify(text);
    return [all.length === 1 ? "argument" : `argument ${at + 1}`, shown] as const;
  });
  return [state, ...rows];
}

/** For programs: each argument as text, or in Base64 where it is none. */
export function openedDocument(opened: OpenedText): object {
  if (opened.state !== "matches") return opened;
  const documents = opened.arguments.map((bytes) => {
    const text = fromUtf8(bytes);
    return text === undefined ? { base64: toBase64(bytes) } : { text };
  });
  return { ...opened, arguments: documents };
}
