import { type Figure, toFigure } from "../figure.js";
import type { Stage } from "../stage.js";

const ROUNDS = 51;
const CALLS = 100_000;

/** What any crossing into Rust costs. */
export async function calls({ floors }: Stage): Promise<Figure[]> {
  const empty: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    empty.push(nanosEach(floors.noop));
    plain.push(nanosEach(nothing));
  }
  return [
    toFigure({
      name: "empty napi call",
      unit: "ns",
      samples: empty,
      floor: { name: "a plain JavaScript call", samples: plain },
      more: { calls: CALLS },
    }),
  ];
}

function nothing(): void {
  // Nothing.
}

function nanosEach(work: () => void): number {
  const started = performance.now();
  for (let call = 0; call < CALLS; call++) work();
  return ((performance.now() - started) * 1e6) / CALLS;
}
