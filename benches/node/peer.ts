// What the benches run in a worker thread or a process of its own: answers once.
import { isMainThread, parentPort, workerData } from "node:worker_threads";

import { sumOfPrimes } from "../capsules/worker/src/work.js";

if (isMainThread) process.send?.(sumOfPrimes(Number(process.argv[2])));
else parentPort?.postMessage(sumOfPrimes(workerData as number));
