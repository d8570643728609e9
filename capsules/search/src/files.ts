/** One entry of a directory, as the sdk's `fs.list` gives it. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly size: number;
}

/** An open file, as far as reading goes. */
export interface OpenFile extends Disposable {
  read(offset: number, length: number): Uint8Array;
}

/** The part of the sdk's `fs` that a search takes. */
export interface SearchFiles {
  list(path: string): Iterable<Entry>;
  stat(path: string): Pick<Entry, "kind" | "size">;
  open(path: string): OpenFile;
}

/** Whether a call failed with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return codes.some((code) => code === error.code);
}
