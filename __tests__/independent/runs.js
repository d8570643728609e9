// The order within each run: its records are numbered from 1, and every gap is accounted for.
import { hex } from "./bytes.js";
import { RUNS } from "./format.js";

/** Follows the runs of a log, record by record. */
export class Runs {
  /** By run, the one that was heard of last at the end. */
  #known = new Map();
  #pruned = 0n;
  #hasForgotten = false;

  /** One record, or a hash whose body was pruned; why it can't stand here, if so. */
  add(record) {
    if (record === undefined) {
      this.#pruned += 1n;
      return undefined;
    }
    const { kind, counter, lost = 0n } = record;
    const name = hex(record.run);
    const before = this.#known.get(name) ?? { counter: 0n, lost: 0n, pruned: 0n };
    const isNew = !this.#known.delete(name);
    const known = { ...before };
    let fault;
    if (kind === "log.lost") {
      known.lost += lost;
    } else if (kind !== "log.recovered") {
      const gap = counter - before.counter - 1n;
      const spare = before.lost + this.#pruned - before.pruned;
      const isUnknown = isNew && this.#hasForgotten;
      if (gap < 0n || (gap > spare && !isUnknown)) {
        fault = `number ${name}.${counter} after ${before.counter}`;
      }
      Object.assign(known, { counter, lost: 0n, pruned: this.#pruned });
    }
    this.#known.set(name, known);
    this.#forget();
    return fault;
  }

  #forget() {
    if (this.#known.size <= RUNS) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest);
    this.#hasForgotten = true;
  }
}
