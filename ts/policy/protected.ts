import type table from "../../tables/protected.json";
import { readTable } from "../base/table.js";

interface Row {
  readonly match: (typeof table)[number]["match"];
  readonly text: string;
  readonly what: string;
}

const ROWS = readTable<readonly Row[]>("protected");

const PLAIN = /^(?:[A-Za-z0-9_@+=,()[\] .-]*[A-Za-z0-9_@+=,()[\]-])$/;

/**
 * Whether a name surely isn't protected in any spelling that a file system takes for one name.
 * It is no decision, only what may be given without asking a person: the gate folds names of all
 * scripts, this takes plain ASCII alone and calls everything else suspect.
 */
export function isSurelyOrdinary(name: string): boolean {
  return PLAIN.test(name) && protects(name) === undefined;
}

/** What an ASCII name is protected as (`secrets`, for example), regardless of case. */
export function protects(name: string): string | undefined {
  const lower = name.toLowerCase();
  return ROWS.find((row) => matches(row, lower))?.what;
}

function matches({ match, text }: Row, name: string): boolean {
  switch (match) {
    case "name":
      return name === text;
    case "prefix":
      return name.startsWith(text);
    case "suffix":
      return name.endsWith(text);
    default:
      return true;
  }
}
