import { limit } from "../base/limits.js";
import type { NativeRecord } from "../native/log.js";

/** Decisions whose outcome no record tells. */
export class OpenDecisions {
  readonly #open = new Set<bigint>();
  #untold = 0n;

  /** Takes the records in order. */
  add({ kind, sequence, cause }: Pick<NativeRecord, "kind" | "sequence" | "cause">): void {
    if (kind === "call.outcome") this.#open.delete(cause);
    if (kind !== "call.decision") return;
    if (this.#open.size < limit("audit-verify-open-decisions")) this.#open.add(sequence);
    else this.#untold += 1n;
  }

  /** How many; too many if ever more than `audit-verify-open-decisions` were open at once. */
  get count(): bigint {
    return BigInt(this.#open.size) + this.#untold;
  }

  /** The first of them. */
  first(count: number): bigint[] {
    return [...this.#open].slice(0, count);
  }
}
