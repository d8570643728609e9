import { describe, expect, test } from "@jest/globals";

import { AstridError } from "../../../ts/base/errors.js";
import { Port, type PortCall, type PortFailure } from "../../../ts/services/port.js";
import type { Service, ServiceProblem } from "../../../ts/services/service.js";

// The addon's side, scripted: what it does with answers is tested with the addon itself.
class Door {
  calls: PortCall[] = [];
  cancelled: bigint[] = [];
  readonly answers: [bigint, string | undefined, PortFailure | undefined][] = [];
  isWaiting = true;
  readonly problems: ServiceProblem[] = [];
  readonly port: Port;
  #answered: () => void = () => undefined;
  #passDeadline: () => void = () => undefined;

  constructor(service: Service) {
    this.port = new Port({
      door: this,
      services: { "ipc.publish": service },
      clock: { sleepMs: (_, signal) => this.#sleep(signal) },
      onLine: () => undefined,
      onProblem: (problem) => {
        this.problems.push(problem);
        this.#answered();
      },
    });
  }

  take() {
    const { calls, cancelled } = this;
    this.calls = [];
    this.cancelled = [];
    return { calls, cancelled, lines: [] };
  }

  answer(number: bigint, json: string | undefined, error: PortFailure | undefined): boolean {
    this.answers.push([number, json, error]);
    this.#answered();
    return this.isWaiting;
  }

  /** Sends one call and resolves when the port said something. */
  async ask(payload = "1", verb = "ipc.publish"): Promise<void> {
    const answered = this.said();
    this.send(1n, payload, verb);
    await answered;
    await settled();
  }

  send(number: bigint, payload = "1", verb = "ipc.publish"): void {
    const facts = { resource: "a.b", capsule: "c@shipped", principal: "p", message: "m" };
    this.calls.push({ number, verb, payload, ...facts });
    this.port.pump();
  }

  said(): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  passDeadline(): void {
    this.#passDeadline();
  }

  #sleep(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#passDeadline = resolve;
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  }
}

/** Lets every callback that is ready run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("the port", () => {
  test("hands a service the decided call and its answer back", async () => {
    const door = new Door(({ resource, payload }) => ({ resource, payload }));
    await door.ask('{"x":1}');
    expect(door.answers).toEqual([[1n, '{"resource":"a.b","payload":{"x":1}}', undefined]]);
    expect(door.problems).toEqual([]);
  });

  test("answers null for a service without a value", async () => {
    const door = new Door(() => undefined);
    await door.ask();
    expect(door.answers).toEqual([[1n, "null", undefined]]);
  });

  test("hands a coded error on, and no other", async () => {
    const coded = new Door(() => {
      throw new AstridError("ASTRID_QUOTA", "full");
    });
    await coded.ask();
    expect(coded.answers[0]?.[2]).toEqual({ code: "ASTRID_QUOTA", message: "full" });

    const secret = new Error("password is hunter2");
    const other = new Door(async () => Promise.reject(secret));
    await other.ask();
    expect(other.answers[0]?.[2]?.code).toBe("ASTRID_SERVICE");
    expect(JSON.stringify(other.answers[0]?.[2])).not.toContain("hunter2");
    expect(other.problems).toMatchObject([{ kind: "threw", cause: secret }]);
  });

  test.each([[() => 1], [Symbol("x")], [10n], ["x".repeat(2_000_000)]])(
    "turns an answer that is not JSON within its bounds into an error (%#)",
    async (answer) => {
      const liar = (() => answer) as unknown as Service;
      const door = new Door(liar);
      await door.ask();
      expect(door.answers[0]?.[2]?.code).toBe("ASTRID_SERVICE");
      expect(door.problems).toMatchObject([{ kind: "wrong-shape" }]);
    },
  );

  test("turns a payload that is not JSON into an error before the service sees it", async () => {
    let isAsked = false;
    const door = new Door(() => {
      isAsked = true;
      return undefined;
    });
    await door.ask("{");
    expect(door.answers[0]?.[2]?.code).toBe("ASTRID_INVALID");
    expect(isAsked).toBe(false);
  });

  test.each(["http.request", "constructor", "__proto__"])("has no service for %s", async (verb) => {
    const door = new Door(() => undefined);
    const answered = door.said();
    door.send(1n, "1", verb);
    await answered;
    await settled();
    expect(door.answers[0]?.[2]?.code).toBe("ASTRID_SERVICE");
    expect(door.problems).toMatchObject([{ kind: "unknown-verb", verb }]);
  });

  test("reports an answer that nobody waits for", async () => {
    const door = new Door(() => undefined);
    door.isWaiting = false;
    await door.ask();
    expect(door.problems).toMatchObject([{ kind: "late", number: 1n }]);
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
    door.send(1n);
    await settled();
    door.passDeadline();
    await settled();
    expect(door.answers[0]?.[2]?.code).toBe("ASTRID_DEADLINE");
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
    door.send(1n);
    await settled();
    door.cancelled.push(1n);
    door.port.pump();
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
    door.send(1n);
    door.send(1n);
    await settled();
    expect(asked).toBe(1);
    expect(door.problems).toMatchObject([{ kind: "double" }]);
    door.port.close();
  });
});
