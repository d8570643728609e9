import { wellFormed } from "../well-formed.js";

// What QuickJS has and Node 20 lacks; native, so a hundred times faster than a loop.
interface NativeBase64 {
  toBase64(): string;
}
interface NativeBase64Constructor {
  fromBase64(text: string): Uint8Array;
}

/** One character a byte: a string of code units 0 to 255, which the engine keeps in bytes. */
export function latin1(bytes: Uint8Array): string {
  return atob((bytes as Uint8Array & NativeBase64).toBase64());
}

/** The bytes of a string of code units 0 to 255. */
export function fromLatin1(text: string): Uint8Array {
  return (Uint8Array as Uint8ArrayConstructor & NativeBase64Constructor).fromBase64(btoa(text));
}

/** The UTF-8 form of a text; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return fromLatin1(unescape(encodeURIComponent(wellFormed(text))));
}

/** A text from its UTF-8 form in one character a byte; `undefined` if it is not valid. */
export function decodeLatin1(text: string): string | undefined {
  if (!/[\x80-\xff]/.test(text)) return text;
  try {
    return decodeURIComponent(escape(text));
  } catch {
    return undefined;
  }
}

const SEQUENCE = [
  String.raw`[\xc2-\xdf][\x80-\xbf]`,
  String.raw`\xe0[\xa0-\xbf][\x80-\xbf]`,
  String.raw`[\xe1-\xec\xee\xef][\x80-\xbf]{2}`,
  String.raw`\xed[\x80-\x9f][\x80-\xbf]`,
  String.raw`\xf0[\x90-\xbf][\x80-\xbf]{2}`,
  String.raw`[\xf1-\xf3][\x80-\xbf]{3}`,
  String.raw`\xf4[\x80-\x8f][\x80-\xbf]{2}`,
].join("|");
/** What an invalid sequence may begin with before it goes wrong, longest first. */
const TRUNCATED = [
  String.raw`\xe0[\xa0-\xbf]`,
  String.raw`[\xe1-\xec\xee\xef][\x80-\xbf]`,
  String.raw`\xed[\x80-\x9f]`,
  String.raw`\xf0[\x90-\xbf][\x80-\xbf]?`,
  String.raw`[\xf1-\xf3][\x80-\xbf]{1,2}`,
  String.raw`\xf4[\x80-\x8f][\x80-\xbf]?`,
  String.raw`[\x80-\xff]`,
].join("|");
const EITHER = new RegExp(`(${SEQUENCE})|(${TRUNCATED})`, "g");

/** The same for any bytes, with U+FFFD for what is not valid, as browsers replace it. */
export function decodeLatin1Lossy(text: string): string {
  return (
    decodeLatin1(text) ??
    text.replace(EITHER, (_, valid?: string) =>
      valid === undefined ? "\ufffd" : decodeURIComponent(escape(valid)),
    )
  );
}
