import { parseJson } from "../../base/json.js";
import { type Position, positionAt } from "../excerpt.js";

/** A key path: table and key names, and indices for the items of arrays. */
export type KeyPath = readonly (string | number)[];

/** Finds where the keys of a TOML text stand. */
export interface Locator {
  /** Where the key, header or array item at `path` begins; else its nearest parent's place. */
  find(path: KeyPath): Position;
}

/**
 * Scans a text that a TOML parser has accepted already, and remembers the first place of each key
 * path. What is not valid TOML gives wrong places, never an endless loop.
 */
export function locateKeys(text: string): Locator {
  const offsets = new Scanner(text).scan();
  return {
    find: (path) => {
      for (let length = path.length; length > 0; length--) {
        const offset = offsets.get(pathKey(path.slice(0, length)));
        if (offset !== undefined) return positionAt(text, offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

function pathKey(path: KeyPath): string {
  return JSON.stringify(path);
}

const BLANK = /[ \t]*/y;
const BLANK_LINES = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const STRING = /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;
const SCALAR = /[^,\]}#\r\n]+/y;

class Scanner {
  readonly #text: string;
  readonly #offsets = new Map<string, number>();
  readonly #tables = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ReadonlyMap<string, number> {
    let table: KeyPath = [];
    for (this.#skip(BLANK_LINES); this.#at < this.#text.length; this.#skip(BLANK_LINES)) {
      const before = this.#at;
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#pair(table);
      if (this.#at === before) break;
    }
    return this.#offsets;
  }

  /** `[a.b]` or `[[a.b]]`; the table it opens. */
  #header(): KeyPath {
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    const path = this.#key([]);
    this.#at += isArray ? 2 : 1;
    if (!isArray) return path;
    const key = pathKey(path);
    const index = this.#tables.get(key) ?? 0;
    this.#tables.set(key, index + 1);
    const offset = this.#offsets.get(key);
    if (offset !== undefined) this.#note([...path, index], offset);
    return [...path, index];
  }

  #pair(table: KeyPath): void {
    const path = this.#key(table);
    this.#at += 1;
    this.#skip(BLANK);
    this.#value(path);
  }

  /** A dotted key below `table`; notes each of its parts and stops at what follows. */
  #key(table: KeyPath): KeyPath {
    let path = table;
    for (;;) {
      this.#skip(BLANK);
      const offset = this.#at;
      const bare = this.#take(BARE_KEY);
      const name = bare === "" ? unquote(this.#take(STRING)) : bare;
      path = [...path, name];
      this.#note(path, offset);
      this.#skip(BLANK);
      if (this.#text[this.#at] !== ".") return path;
      this.#at += 1;
    }
  }

  #value(path: KeyPath): void {
    const opening = this.#text[this.#at];
    if (opening === "[") this.#items("]", (index) => this.#item([...path, index]));
    else if (opening === "{") this.#items("}", () => this.#pair(path));
    else if (this.#take(STRING) === "") this.#take(SCALAR);
  }

  #item(path: KeyPath): void {
    this.#note(path, this.#at);
    this.#value(path);
  }

  /** Items between brackets, with commas, comments and line ends between them. */
  #items(closing: string, each: (index: number) => void): void {
    this.#at += 1;
    for (let index = 0; ; index++) {
      this.#skip(BLANK_LINES);
      const before = this.#at;
      if (this.#at >= this.#text.length || this.#text[this.#at] === closing) break;
      each(index);
      this.#skip(BLANK_LINES);
      if (this.#text[this.#at] === ",") this.#at += 1;
      if (this.#at === before) break;
    }
    this.#at += 1;
  }

  #note(path: KeyPath, offset: number): void {
    const key = pathKey(path);
    if (!this.#offsets.has(key)) this.#offsets.set(key, offset);
  }

  #skip(pattern: RegExp): void {
    this.#take(pattern);
  }

  /** What the sticky pattern matches here, passed over; empty if it doesn't. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}

function unquote(quoted: string): string {
  if (!quoted.startsWith('"')) return quoted.slice(1, -1);
  const escaped = quoted.replace(/\\U([0-9A-Fa-f]{8})/g, (_, digits: string) =>
    JSON.stringify(String.fromCodePoint(Number.parseInt(digits, 16))).slice(1, -1),
  );
  try {
    const json = escaped.replaceAll("\\e", "\\u001b").replaceAll("\t", "\\t");
    return String(parseJson(json, { what: "a key" }));
  } catch {
    return quoted.slice(1, -1);
  }
}
