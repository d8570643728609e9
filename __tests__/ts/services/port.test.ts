import { describe, expect, test } from "@jest/globals";

import { AstridError } from "../../../ts/base/errors.js";
import { limit } from "../../../ts/base/limits.js";
import type { NativeAnswer } from "../../../ts/native/traffic.js";
import { Port } from "../../../ts/services/port.js";
import type { Service, ServiceProblem } from "../../../ts/services/service.js";

// The addon's side, scripted: what it does with answers is tested with the addon itself.
class Door {
  readonly answers: NativeAnswer[] = [];
  isWaiting = true;
  readonly problems: ServiceProblem[] = [];
  readonly port: Port;
  #nowMs = 0;
  #wakes: { readonly atMs: number; readonly act: () => void }[] = [];

  constructor(service: Service) {
    this.port = new Port({
      door: this,
      services: { "ipc.publish": service },
      clock: {
        monotonicMs: () => this.#nowMs,
        later: (durationMs, act) => this.#wakes.push({ atMs: this.#nowMs + durationMs, act }),
      },
      onLine: () => undefined,
      onProblem: (problem) => {
        this.problems.push(problem);
      },
    });
  }

  answer(answers: readonly NativeAnswer[]): number[] {
    this.answers.push(...answers);
    return this.isWaiting ? [] : answers.map(({ number }) => number);
  }

  /** Sends one call and lets everything happen that is ready. */
  async ask(payload = "1", verb = "ipc.publish"): Promise<void> {
    this.send(1, payload, verb);
    await settled();
  }

  send(number: number, payload = "1", verb = "ipc.publish"): void {
    const facts = { resource: "a.b", capsule: "c@shipped", principal: "p", message: "m" };
    this.port.serve({ calls: [{ number, verb, payload, ...facts }], cancelled: [], lines: [] });
  }

  cancel(number: number): void {
    this.port.serve({ calls: [], cancelled: [number], lines: [] });
  }

  pass(durationMs: number): void {
    this.#nowMs += durationMs;
    const due = this.#wakes.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#wakes = this.#wakes.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { act } of due) act();
  }
}

/** Lets every callback that is ready run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function liar(): never {
  throw new Error("liar");
}

describe("the port", () => {
  test("hands a service the decided call and its answer back", async () => {
    const door = new Door(({ resource, payload }) => ({ resource, payload }));
    await door.ask('{"x":1}');
    expect(door.answers).toEqual([{ number: 1, json: '{"resource":"a.b","payload":{"x":1}}' }]);
    expect(door.problems).toEqual([]);
  });

  test("answers null for a service without a value", async () => {
    const door = new Door(() => undefined);
    await door.ask();
    expect(door.answers).toEqual([{ number: 1, json: "null" }]);
  });

  test("hands a coded error on, and no other", async () => {
    const coded = new Door(() => {
      throw new AstridError("ASTRID_QUOTA", "full");
    });
    await coded.ask();
    expect(coded.answers[0]?.error).toEqual({ code: "ASTRID_QUOTA", message: "full" });

    const secret = new Error("password is hunter2");
    const other = new Door(async () => Promise.reject(secret));
    await other.ask();
    expect(other.answers[0]?.error?.code).toBe("ASTRID_SERVICE");
    expect(JSON.stringify(other.answers[0]?.error)).not.toContain("hunter2");
    expect(other.problems).toMatchObject([{ kind: "threw", cause: secret }]);
  });

  test("takes an error for coded only if it is one whole", async () => {
    for (const forged of [{ code: "NOT_OURS" }, { code: "ASTRID_QUOTA", message: 7 }]) {
      const door = new Door(() => {
        throw Object.assign(new AstridError("ASTRID_QUOTA", "full"), forged);
      });
      await door.ask();
      expect(door.answers[0]?.error?.code).toBe("ASTRID_SERVICE");
      expect(door.problems).toMatchObject([{ kind: "threw" }]);
    }
  });

  test("answers what came at once in one crossing, and each deadline by itself", async () => {
    const door = new Door(({ payload }) =>
      payload === "never" ? new Promise(() => undefined) : payload,
    );
    door.send(1, '"never"');
    door.pass(10);
    door.send(2, '"never"');
    door.send(3, '"now"');
    await settled();
    expect(door.answers.map(({ number }) => number)).toEqual([3]);
    door.pass(limit("service-deadline-ms") - 10);
    await settled();
    expect(door.answers.map(({ number }) => number)).toEqual([3, 1]);
    door.pass(10);
    await settled();
    expect(door.answers.map(({ number }) => number)).toEqual([3, 1, 2]);
  });

  test.each([[() => 1], [Symbol("x")], [10n], ["x".repeat(2_000_000)]])(
    "turns an answer that is not JSON within its bounds into an error (%#)",
    async (answer) => {
      const liar = (() => answer) as unknown as Service;
      const door = new Door(liar);
      await door.ask();
      expect(door.answers[0]?.error?.code).toBe("ASTRID_SERVICE");
      expect(door.problems).toMatchObject([{ kind: "wrong-shape" }]);
    },
  );

  test("turns a payload that is not JSON into an error when the service looks at it", async () => {
    const door = new Door(({ payload }) => payload);
    await door.ask("{");
    expect(door.answers[0]?.error?.code).toBe("ASTRID_INVALID");
  });

  test.each([
    () => new Proxy({}, { get: liar, has: liar, ownKeys: liar, getPrototypeOf: liar }),
    () =>
      Promise.reject(
        Object.defineProperty(new AstridError("ASTRID_IO", ""), "code", { get: liar }),
      ),
    () => {
      throw new Proxy(new AstridError("ASTRID_IO", ""), { get: liar, has: liar });
    },
  ])("answers once for a service whose answer bites (%#)", async (answer) => {
    const door = new Door(answer as unknown as Service);
    await door.ask();
    expect(door.answers.map(({ number, error }) => [number, error?.code])).toEqual([
      [1, "ASTRID_SERVICE"],
    ]);
  });

  test("refuses calls while a service holds too many that were given up", async () => {
    const door = new Door(() => new Promise(() => undefined));
    const most = limit("service-queue-calls");
    for (let number = 1; number <= most; number++) {
      door.send(number);
      door.cancel(number);
    }
    await door.ask();
    expect(door.answers[0]?.error?.code).toBe("ASTRID_BUSY");
  });

  test.each(["http.request", "constructor", "__proto__"])("has no service for %s", async (verb) => {
    const door = new Door(() => undefined);
    await door.ask("1", verb);
    expect(door.answers[0]?.error?.code).toBe("ASTRID_SERVICE");
    expect(door.problems).toMatchObject([{ kind: "unknown-verb", verb }]);
  });

  test("reports an answer that nobody waits for", async () => {
    const door = new Door(() => undefined);
    door.isWaiting = false;
    await door.ask();
    expect(door.problems).toMatchObject([{ kind: "late", number: 1 }]);
  });

  test("answers for a silent service at the deadline, and reports what comes after", async () => {
    let finish: (value: undefined) => void = () => undefined;
    let signal: AbortSignal | undefined;
    const door = new Door((call) => {
      signal = call.signal;
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    door.send(1);
    await settled();
    door.pass(limit("service-deadline-ms"));
    await settled();
    expect(door.answers[0]?.error?.code).toBe("ASTRID_DEADLINE");
    expect(signal?.aborted).toBe(true);
    finish(undefined);
    await settled();
    expect(door.problems.map(({ kind }) => kind)).toEqual(["silent", "late"]);
    expect(door.answers).toHaveLength(1);
  });

  test("tells a service that nobody waits any more, and answers nothing", async () => {
    let signal: AbortSignal | undefined;
    const door = new Door((call) => {
      signal = call.signal;
      return new Promise(() => undefined);
    });
    door.send(1);
    await settled();
    door.cancel(1);
    await settled();
    expect(signal?.aborted).toBe(true);
    expect(door.answers).toEqual([]);
  });

  test("does not ask twice for one number", async () => {
    let asked = 0;
    const door = new Door(() => {
      asked += 1;
      return new Promise(() => undefined);
    });
    door.send(1);
    door.send(1);
    await settled();
    expect(asked).toBe(1);
    expect(door.problems).toMatchObject([{ kind: "double" }]);
    door.port.close();
  });
});
