import { nodePowers } from "../../ts/base/powers.js";
import { Port } from "../../ts/services/port.js";
import type { Service } from "../../ts/services/service.js";
import { type Figure, micros, takeTurns, toFigure } from "../figure.js";
import type { FloorsAddon } from "../floors.js";
import type { Stage } from "../stage.js";
import { ask, GRANTS } from "./ask.js";

const ROUNDS = 21;
const CALLS = 200;
const BATCHED_CALLS = 20_000;
const CALLERS = [64, 256] as const;

/** A host call that TypeScript answers, against the bare way there and back. */
export async function service({ kernel, component, floors }: Stage): Promise<Figure[]> {
  const trips = new floors.Floors();
  const sync = run(floors, () => undefined);
  const promised = run(floors, async () => undefined);
  using capsule = await kernel.load(component, { grants: GRANTS, idleInstances: 0 });
  const publish = (count: number) => ask(capsule, { do: "publish", count });
  const [bare = [], value = [], promise = [], whole = []] = await takeTurns(ROUNDS, [
    async () => (await trips.bounce(CALLS, () => trips.answer())) / 1000,
    async () => (await sync(1, CALLS)) / 1000,
    async () => (await promised(1, CALLS)) / 1000,
    async () => ((await micros(() => publish(CALLS))) - (await micros(() => publish(0)))) / CALLS,
  ]);
  const floor = { name: "bare threadsafe-function round trip", samples: bare };
  const more = { calls: CALLS };
  const figure = (name: string, samples: number[]): Figure =>
    toFigure({ name, unit: "µs", samples, floor, more });
  return [
    figure("the port, without guest and log: a service that returns", value),
    figure("the port, without guest and log: a service that returns a promise", promise),
    figure("all of it: ipc.publish of a JavaScript capsule", whole),
    ...(await batched(promised)),
  ];
}

type Run = (callers: number, each: number) => Promise<number>;

/** What runs calls through the port to one service. */
function run(floors: FloorsAddon, service: Service): Run {
  const door = new floors.BarePort(() => port.serve(door.take()));
  const port = new Port({
    door,
    services: { "ipc.publish": service },
    clock: nodePowers().clock,
    onLine: () => undefined,
    onProblem: ({ kind }) => {
      throw new Error(`the port reported: ${kind}`);
    },
  });
  return (callers, each) => door.run(callers, each);
}

async function batched(run: Run): Promise<Figure[]> {
  const perSecond = (callers: number) => async () =>
    1e9 / (await run(callers, BATCHED_CALLS / callers));
  const samples = await takeTurns(ROUNDS, CALLERS.map(perSecond));
  return CALLERS.map((callers, at) =>
    toFigure({
      name: `the port, with ${callers} calls at once`,
      unit: "calls/s",
      samples: samples[at] ?? [],
    }),
  );
}
