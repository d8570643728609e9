import type table from "../../tables/limits.json";
import { readTable } from "./table.js";

/** A row of `tables/limits.json`; its last word is the unit. */
export type LimitName = keyof typeof table;

/** A limit that a caller may override, between a smallest and a largest value. */
export type AdjustableLimitName = {
  [Name in LimitName]: (typeof table)[Name] extends { min: number } ? Name : never;
}[LimitName];

/** One bound: its value with unit, why it is that, and what a caller may ask for instead. */
export interface Limit {
  readonly value: number;
  readonly unit: string;
  readonly reason: string;
  readonly min?: number;
  readonly max?: number;
}

const ROWS = readTable<Readonly<Record<LimitName, Limit>>>("limits");

/** All names, in the table's order. */
export const LIMIT_NAMES: readonly LimitName[] = Object.keys(ROWS) as LimitName[];

/** The value of a limit, in the unit its row states; always an integer below 2^53. */
export function limit(name: LimitName): number {
  return ROWS[name].value;
}

/** The whole row of a limit. */
export function limitRow(name: LimitName): Limit {
  return ROWS[name];
}

/** Whether a caller may use this value in place of an adjustable limit. */
export function isWithinLimit(name: AdjustableLimitName, value: number): boolean {
  const { min, max } = ROWS[name];
  return Number.isSafeInteger(value) && value >= (min ?? 0) && value <= (max ?? ROWS[name].value);
}
