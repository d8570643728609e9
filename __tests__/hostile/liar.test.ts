// A service in TypeScript that breaks its promise: the guest gets a typed error without a word of
// what happened, the person who runs the kernel is told, and nothing breaks.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { AstridError, type Capsule, type Service, type ServiceProblem } from "../../ts/index.js";
import { Arena, endOf } from "./arena.js";

const WORD = "password";

/** A promise that settles twice, or calls back at once and again later. */
const twice = {
  // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
  then(resolve: (value: unknown) => void): void {
    resolve(undefined);
    resolve({ other: WORD });
    throw new Error(WORD);
  },
};

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

const LIARS: Record<string, { readonly service: Service; readonly kind: string | undefined }> = {
  throws: {
    service: () => {
      throw new Error(WORD);
    },
    kind: "threw",
  },
  "throws a string": {
    service: () => {
      throw WORD;
    },
    kind: "threw",
  },
  "rejects with nothing": { service: () => Promise.reject(), kind: "threw" },
  "answers a function": { service: () => (() => WORD) as never, kind: "wrong-shape" },
  "answers a symbol": { service: () => Symbol(WORD) as never, kind: "wrong-shape" },
  "answers a bigint": { service: () => 1n as never, kind: "wrong-shape" },
  "answers a circle": { service: () => cyclic as never, kind: "wrong-shape" },
  "answers far too much": { service: () => "x".repeat(2 ** 21), kind: "wrong-shape" },
  "answers too deep": {
    service: () => JSON.parse("[".repeat(500) + "]".repeat(500)),
    kind: "wrong-shape",
  },
  "answers what throws when read": {
    service: () =>
      ({
        get answer() {
          throw new Error(WORD);
        },
      }) as never,
    kind: "wrong-shape",
  },
};

const problems: ServiceProblem[] = [];
let service: Service = () => undefined;
let arena: Arena;
let flood: Capsule;
beforeAll(async () => {
  arena = await Arena.open({
    services: { "ipc.publish": (call) => service(call) },
    onProblem: (problem) => problems.push(problem),
    onLine: () => {
      throw new Error(WORD);
    },
  });
  flood = await arena.load("flood");
});
afterAll(() => arena[Symbol.asyncDispose]());
beforeEach(() => {
  problems.length = 0;
});

/** What the guest is told when it publishes once, and what the kernel reports. */
async function publish(lying: Service): Promise<{ codes: unknown; kinds: string[] }> {
  service = lying;
  const result = await flood.call({ do: "publish", times: 1 });
  expect(JSON.stringify(result, (_, v) => (typeof v === "bigint" ? 0 : v))).not.toContain(WORD);
  expect(await flood.call({ do: "echo", value: 1 })).toMatchObject({ outcome: "done", output: 1 });
  const codes = result.outcome === "done" ? result.output : result.outcome;
  return { codes, kinds: problems.map(({ kind }) => kind) };
}

describe("a service that lies", () => {
  test.each(Object.keys(LIARS))("and %s", async (name) => {
    const { service = () => undefined, kind } = LIARS[name] ?? {};
    const { codes, kinds } = await publish(service);
    expect(codes).toEqual({ ASTRID_SERVICE: 1 });
    expect(kinds).toEqual([kind]);
  });

  test("and settles twice is taken by its first word", async () => {
    expect(await publish(() => twice as never)).toEqual({ codes: { ok: 1 }, kinds: [] });
  });

  test("and speaks with a code of the table hands that to the guest", async () => {
    const refuse: Service = () => {
      throw new AstridError("ASTRID_BUSY", "later");
    };
    expect(await publish(refuse)).toEqual({ codes: { ASTRID_BUSY: 1 }, kinds: [] });
  });
});

test("a service that answers when nobody waits is reported, and harms nobody", async () => {
  let answerLate: (value: undefined) => void = () => undefined;
  let aborted: Promise<void> | undefined;
  service = ({ signal }) => {
    aborted = new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    return new Promise((resolve) => {
      answerLate = resolve;
    });
  };
  const result = await flood.call({ do: "publish", times: 1 }, { deadlineMs: 300 });
  expect(endOf(result)).toEqual(["deadline", "ASTRID_DEADLINE"]);
  await aborted;
  await turn();
  answerLate(undefined);
  await turn();
  expect(problems).toMatchObject([{ kind: "late", verb: "ipc.publish" }]);
  expect(await flood.call({ do: "echo", value: 1 })).toMatchObject({ output: 1 });
});

test("hooks that throw are reported, and the call goes on", async () => {
  expect(endOf(await flood.call({ do: "log", text: "x" }))).toEqual(["done"]);
  expect(problems.map(({ kind }) => kind)).toEqual(["hook"]);
});

test("the log doesn't say that a message was taken before its service said so", async () => {
  const before = (await arena.records()).length;
  await publish(() => {
    throw new Error(WORD);
  });
  const since = (await arena.records()).slice(before);
  const outcomes = since.filter(({ kind }) => kind === "call.outcome");
  expect(outcomes).toMatchObject([{ verb: "ipc.publish", code: "ASTRID_SERVICE" }]);
});

/** Lets everything run that is due. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
