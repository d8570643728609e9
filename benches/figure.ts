/** One row of the report; the Rust side prints the same. */
export interface Figure {
  /** Stays the same from run to run. */
  readonly name: string;
  readonly unit: string;
  /** Median of the rounds. */
  readonly value: number;
  readonly rounds: number;
  /** What the figure is compared with: measured in the same run, taking turns. */
  readonly floor?: { readonly name: string; readonly value: number };
  /** `value` over the floor's. */
  readonly ratio?: number;
  /** Whatever else belongs to it, the 99th percentile `p99` for example. */
  readonly more: Readonly<Record<string, number>>;
}

/** Something to be measured once: resolves with the value of one round. */
export type Probe = () => Promise<number>;

/** Measures all probes `rounds` times, taking turns, after one round that isn't counted. */
export async function takeTurns(rounds: number, probes: readonly Probe[]): Promise<number[][]> {
  const samples = probes.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, probe] of probes.entries()) {
      const value = await probe();
      if (round > 0) samples[at]?.push(value);
    }
  }
  return samples;
}

/** Microseconds that `work` takes. */
export async function micros(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) * 1000;
}

/** The value that `part` (0 to 1) of the samples don't exceed. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
}

/** What a figure is made of. */
export interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly floor?: { readonly name: string; readonly samples: readonly number[] };
  readonly more?: Readonly<Record<string, number>>;
}

/** A figure of samples, with the 99th percentiles where there are enough of them. */
export function toFigure({ name, unit, samples, floor, more = {} }: Measured): Figure {
  const value = quantile(samples, 0.5);
  const tail = samples.length < 100 ? {} : { p99: quantile(samples, 0.99) };
  const figure = { name, unit, value, rounds: samples.length, more: { ...tail, ...more } };
  if (floor === undefined) return figure;
  const floorValue = quantile(floor.samples, 0.5);
  return {
    ...figure,
    floor: { name: floor.name, value: floorValue },
    ratio: value / floorValue,
  };
}
