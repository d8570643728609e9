import { defineCapsule } from "astrid-native/sdk";
import { sleep } from "astrid-native/sdk/clock";
import { publish } from "astrid-native/sdk/ipc";
import { info } from "astrid-native/sdk/log";

import { sumOfPrimes } from "./work.js";

/** What a message asks for. */
export type Task =
  | { readonly do: "echo"; readonly value: string }
  | { readonly do: "publish"; readonly count: number }
  | { readonly do: "work"; readonly below: number }
  | { readonly do: "wait"; readonly ms: number };

export default defineCapsule<Task>({
  async handle(task) {
    switch (task.do) {
      case "echo":
        return task.value;
      case "publish":
        for (let sent = 0; sent < task.count; sent++) await publish("bench.tick", { tick: 1 });
        return task.count;
      case "work":
        return sumOfPrimes(task.below);
      case "wait":
        info("waiting");
        await sleep(task.ms);
        return null;
    }
  },
});
