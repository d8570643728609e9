import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Task } from "../capsules/worker/src/index.js";
import { sumOfPrimes } from "../capsules/worker/src/work.js";
import { type Figure, micros, takeTurns, toFigure } from "../figure.js";
import type { Stage } from "../stage.js";
import { ask, GRANTS } from "./ask.js";

const ROUNDS = 15;
const PEER = new URL("./peer.js", import.meta.url);

/** Isolation by other means: the same work in a fresh capsule, worker thread and process. */
export async function elsewhere({ kernel, component }: Stage): Promise<Figure[]> {
  using fresh = await kernel.load(component, { grants: GRANTS, idleInstances: 0 });
  const figures: Figure[] = [];
  for (const [what, below] of [
    ["next to no work", 2],
    ["primes below 20,000", 20_000],
  ] as const) {
    const task: Task = { do: "work", below };
    const expected = sumOfPrimes(below);
    const check = (sum: unknown): void => {
      if (sum !== expected) throw new Error(`the sum is ${sum}, not ${expected}`);
    };
    const [here = [], capsule = [], thread = [], child = []] = await takeTurns(ROUNDS, [
      () => micros(() => check(sumOfPrimes(below))),
      () => micros(async () => check((await ask(fresh, task)).output)),
      () => micros(async () => check(await inThread(below))),
      () => micros(async () => check(await inProcess(below))),
    ]);
    const floor = { name: "the same in this thread, without isolation", samples: here };
    const named = (name: string): string => `${what}, ${name}`;
    figures.push(
      toFigure({ name: named("in a fresh capsule"), unit: "µs", samples: capsule, floor }),
      toFigure({ name: named("in a fresh worker thread"), unit: "µs", samples: thread, floor }),
      toFigure({ name: named("in a fresh process"), unit: "µs", samples: child, floor }),
    );
  }
  return figures;
}

async function inThread(below: number): Promise<unknown> {
  const worker = new Worker(PEER, { workerData: below });
  const [sum] = await once(worker, "message");
  await worker.terminate();
  return sum;
}

async function inProcess(below: number): Promise<unknown> {
  const child = fork(fileURLToPath(PEER), [String(below)], { execArgv: [] });
  const [sum] = await once(child, "message");
  child.kill();
  await once(child, "exit");
  return sum;
}
