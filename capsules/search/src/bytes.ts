// What QuickJS has and TypeScript's library does not know yet.
interface NativeBase64 {
  toBase64(): string;
}

/** One character a byte; QuickJS keeps such a string in bytes, and searches it natively. */
export function latin1(bytes: Uint8Array): string {
  return atob((bytes as Uint8Array & NativeBase64).toBase64());
}

const NOT_ASCII = /[\x80-\xff]/;

/** A text from its UTF-8 form in one character a byte; U+FFFD for each byte that is not valid. */
export function decode(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  return (
    decodeValid(text) ?? text.replace(SEQUENCE, (sequence) => decodeValid(sequence) ?? "\ufffd")
  );
}

/** The UTF-8 form of a text in one character a byte. */
export function encode(text: string): string {
  return unescape(encodeURIComponent(text));
}

/** A multi-byte sequence by its first byte, or one byte that is none; what is not valid goes on. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

function decodeValid(text: string): string | undefined {
  try {
    return decodeURIComponent(escape(text));
  } catch {
    return undefined;
  }
}
