import { type Figure, micros, takeTurns, toFigure } from "../figure.js";
import type { Stage } from "../stage.js";
import { ask, GRANTS } from "./ask.js";

const ROUNDS = 21;
const CALLS = 200;

/** A host call that TypeScript answers, against the bare way there and back. */
export async function service({ kernel, component, floors }: Stage): Promise<Figure[]> {
  const trips = new floors.Floors();
  using capsule = await kernel.load(component, { grants: GRANTS, idleInstances: 0 });
  const publish = (count: number) => ask(capsule, { do: "publish", count });
  const [ours = [], theirs = []] = await takeTurns(ROUNDS, [
    async () => ((await micros(() => publish(CALLS))) - (await micros(() => publish(0)))) / CALLS,
    async () => (await trips.bounce(CALLS, () => trips.answer())) / 1000,
  ]);
  return [
    toFigure({
      name: "host call answered by TypeScript: ipc.publish, a JavaScript capsule",
      unit: "µs",
      samples: ours,
      floor: { name: "bare threadsafe-function round trip", samples: theirs },
      more: { calls: CALLS },
    }),
  ];
}
