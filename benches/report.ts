import type { Figure } from "./figure.js";
import type { Machine } from "./machine.js";

/** Figures of one bench. */
export interface Section {
  readonly title: string;
  /** What the design allows, in words; none where it says nothing. */
  readonly budget?: string;
  readonly figures: readonly Figure[];
}

/** The page for docs/benchmarks.md. */
export function toPage(sections: readonly Section[], machine: Machine): string {
  const { cpu, cores, memoryMiB, system, node, rustc, wasmtime, load, date } = machine;
  return `# Benchmarks

<!-- Made by \`npm run bench\`. -->

A figure is the median of its rounds. Its floor is the least that such a thing can cost; it was
measured in the same run, taking turns, so the ratio means something on any machine and the absolute
times only on this one. \`p99\` is the value that 99 of 100 rounds don't exceed. The load says how
much else the machine had to do: on a busy one, whatever waits for another thread looks worse.

${date} · ${cpu}, ${cores} cores, ${memoryMiB} MiB · ${system} · Node ${node} · ${rustc} ·
Wasmtime ${wasmtime} · load ${load.before} before, ${load.after} after

${sections.map(toSection).join("\n")}`;
}

function toSection({ title, budget, figures }: Section): string {
  const rows = figures.map(({ name, unit, value, rounds, floor, ratio, more }) => [
    name,
    `${digits(value)} ${unit}`,
    floor === undefined ? "" : `${digits(floor.value)} ${unit}: ${floor.name}`,
    ratio === undefined ? "" : `${ratio.toFixed(2)} ×`,
    Object.entries(more)
      .map(([key, extra]) => `${key} ${digits(extra)}`)
      .join(", "),
    String(rounds),
  ]);
  const header = ["what", "figure", "floor", "ratio", "more", "rounds"];
  const table = [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  const text = budget === undefined ? [] : [`Budget: ${budget}.`, ""];
  return `${[`## ${title}`, "", ...text, ...table].join("\n")}\n`;
}

/** Three digits that count, and groups of three: 1,234 · 12.3 · 0.123. */
function digits(value: number): string {
  const fractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: fractionDigits });
}
