import type table from "../../tables/errors.json";
import type { LimitName } from "./limits.js";
import { readTable } from "./table.js";

/** A code of `tables/errors.json`; callers and tests match it, never the message. */
export type ErrorCode = keyof typeof table;

/** What a caller should make of an error; decides the exit code. */
export type ErrorCategory =
  | "guest"
  | "usage"
  | "denied"
  | "limit"
  | "trap"
  | "load"
  | "integrity"
  | "internal"
  | "cancelled";

/** One row of the table: what the code means and what the caller should do. */
export interface ErrorRow {
  readonly category: ErrorCategory;
  readonly meaning: string;
  readonly action: string;
}

/** The data of an error, beside its code and message. */
export interface ErrorDetails {
  /** The limit that was exceeded. */
  readonly limit?: LimitName;
  /** Lines for people, each of which says something to try. */
  readonly hints?: readonly string[];
  /** What was caught on the way here. */
  readonly cause?: unknown;
}

const ROWS = readTable<Readonly<Record<ErrorCode, ErrorRow>>>("errors");

/** The exit code of the command line when everything went well. */
export const EXIT_DONE = 0;

const EXIT_CODES: Readonly<Record<ErrorCategory, number>> = {
  guest: 1,
  usage: 2,
  denied: 3,
  limit: 4,
  trap: 5,
  load: 6,
  integrity: 7,
  internal: 70,
  cancelled: 130,
};

/** All codes, in the table's order. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(ROWS) as ErrorCode[];

// Registered by name, so that two copies of this package recognise each other's errors.
const BRAND = Symbol.for("astrid-native.error");

/** A failure with a code of the table; the message is lower case and has no full stop. */
export class AstridError extends Error {
  override readonly name = "AstridError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Throws an `AstridError`. */
export function fail(code: ErrorCode, message: string, details?: ErrorDetails): never {
  throw new AstridError(code, message, details);
}

/** Whether a caught value is an `AstridError`, of this copy of the package or of another. */
export function isAstridError(value: unknown): value is AstridError {
  return typeof value === "object" && value !== null && Object.hasOwn(value, BRAND);
}

/** Whether a string from outside is a code of the table. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ROWS, text);
}

/** The row of a code. */
export function errorRow(code: ErrorCode): ErrorRow {
  return ROWS[code];
}

/** The exit code for a code of the table, by its category. */
export function exitCode(code: ErrorCode): number {
  return EXIT_CODES[ROWS[code].category];
}
