import { inCore } from "./core.js";
import type { Figure } from "./figure.js";
import { calls } from "./node/calls.js";
import { elsewhere } from "./node/elsewhere.js";
import { handle } from "./node/handle.js";
import { service } from "./node/service.js";
import type { Stage } from "./stage.js";

/** One bench: a section of the report. */
export interface Bench {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly budget?: string;
  readonly run: (stage: Stage) => Promise<Figure[]>;
}

/** All benches, in the order of the report. */
export const BENCHES: readonly Bench[] = [
  { name: "napi", title: "Crossing into Rust", run: calls },
  {
    name: "calls",
    title: "Host calls that Rust answers",
    budget: "1.5 × for a call with 64 B, 100 grants, in bursts of 100,000",
    run: inCore("calls"),
  },
  {
    name: "flow",
    title: "Recorded calls, sustained",
    budget: "1,000,000 calls/s, memory bounded",
    run: inCore("flow"),
  },
  {
    name: "service",
    title: "Host calls that TypeScript answers",
    budget: "1.3 × a bare threadsafe-function round trip; batched above 100,000 calls/s",
    run: service,
  },
  {
    name: "handle",
    title: "From Node to a capsule and back",
    budget: "1.5 × warm, 1.2 × fresh",
    run: handle,
  },
  {
    name: "handle-script",
    title: "To a JavaScript capsule and back, without Node",
    budget: "1.5 × warm, 1.2 × fresh",
    run: inCore("handle-script"),
  },
  {
    name: "handle-small",
    title: "To a guest without a runtime and back, without Node",
    budget: "1.5 × warm, 1.2 × fresh",
    run: inCore("handle-small"),
  },
  {
    name: "lanes",
    title: "One call while 64 guests spin",
    budget: "p99 at most 10 × that of the idle kernel",
    run: inCore("lanes"),
  },
  {
    name: "memory",
    title: "Live instances",
    budget: "300 KiB Pss each; calls at most 1.2 × as slow with 5,000 live",
    run: inCore("memory"),
  },
  {
    name: "decisions",
    title: "Decisions",
    budget: "p50 60 ns and p95 200 ns at 1,000 grants, 1.2 × that at 10,000",
    run: inCore("decisions"),
  },
  {
    name: "audit",
    title: "The log",
    budget:
      "1,000,000 records/s buffered, 20,000 durable by 64 writers; p99 2 × that of an fdatasync",
    run: inCore("audit"),
  },
  {
    name: "past",
    title: "Looking at the past",
    budget:
      "1,000,000 records/s verified on a core; a query over 10,000,000 records in 1 s " +
      "(`ASTRID_BENCH_RECORDS=10000000`; by default a tenth of that)",
    run: inCore("past"),
  },
  { name: "load", title: "Loading a capsule", run: inCore("load") },
  { name: "elsewhere", title: "The same work, isolated by other means", run: elsewhere },
];
