import type { Capsule } from "../../ts/index.js";
import { type Figure, micros, takeTurns, toFigure } from "../figure.js";
import type { Stage } from "../stage.js";
import { ask, GRANTS } from "./ask.js";

const WARM_ROUNDS = 2000;
const FRESH_ROUNDS = 500;
const TASK = { do: "echo", value: "hello" } as const;
const PAYLOAD = JSON.stringify(TASK);
const FLOOR = "bare Wasmtime behind one async napi call";

/** Node → a capsule's handler → Node, with a warm and with a fresh instance. */
export async function handle({ kernel, component, floors }: Stage): Promise<Figure[]> {
  const bare = new floors.BareCapsule(component);
  const trips = new floors.Floors();
  using warm = await kernel.load(component, { grants: GRANTS });
  using fresh = await kernel.load(component, {
    grants: GRANTS,
    idleInstances: 0,
  });
  let insideMicros: number[] = [];
  const call = (capsule: Capsule) => async (): Promise<void> => {
    const { usage } = await ask(capsule, TASK);
    insideMicros.push(Number(usage.wallMicros));
  };
  const [ours = [], theirs = [], empty = []] = await takeTurns(WARM_ROUNDS, [
    () => micros(call(warm)),
    () => micros(() => bare.warm(PAYLOAD)),
    () => micros(() => trips.roundTrip()),
  ]);
  const inside = toFigure({ name: "", unit: "µs", samples: insideMicros }).value;
  insideMicros = [];
  const [oursFresh = [], theirsFresh = []] = await takeTurns(FRESH_ROUNDS, [
    () => micros(call(fresh)),
    () => micros(() => bare.fresh(PAYLOAD)),
  ]);
  return [
    toFigure({ name: "async napi round trip", unit: "µs", samples: empty }),
    toFigure({
      name: "Node → warm handle → Node, a JavaScript capsule",
      unit: "µs",
      samples: ours,
      floor: { name: FLOOR, samples: theirs },
      more: { inRust: inside },
    }),
    toFigure({
      name: "Node → fresh instance and handle → Node, a JavaScript capsule",
      unit: "µs",
      samples: oursFresh,
      floor: { name: FLOOR, samples: theirsFresh },
    }),
  ];
}
