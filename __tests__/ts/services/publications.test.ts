import { describe, expect, test } from "@jest/globals";

import { limit } from "../../../ts/base/limits.js";
import { Publications } from "../../../ts/services/publications.js";
import type { ServiceCall } from "../../../ts/services/service.js";

function call(topic: string, signal = new AbortController().signal, bytes = 1): ServiceCall {
  const payloadText = "1".padStart(bytes);
  const facts = { capsule: "c@shipped", principal: "p", message: "m", payloadText };
  return { verb: "ipc.publish", resource: topic, payload: 1, signal, ...facts };
}

describe("publications", () => {
  test("reach every reader in order, from when it began to read", async () => {
    const publications = new Publications();
    await publications.service(call("before"));
    const readers = [publications.messages(), publications.messages()];
    for (const topic of ["a", "b"]) await publications.service(call(topic));
    publications.close();
    for (const reader of readers) {
      const topics: string[] = [];
      for await (const { topic } of reader) topics.push(topic);
      expect(topics).toEqual(["a", "b"]);
    }
  });

  test("make a publisher wait for a reader that is behind, and lose nothing", async () => {
    const publications = new Publications();
    const reader = publications.messages();
    const most = limit("subscriber-messages");
    for (let at = 0; at < most; at++) await publications.service(call(`n${at}`));
    let isTaken = false;
    const waiting = Promise.resolve(publications.service(call("last"))).then(() => {
      isTaken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    expect((await reader.next()).value?.topic).toBe("n0");
    await waiting;
    let last = "";
    for (let at = 0; at < most; at++) last = (await reader.next()).value?.topic ?? "";
    expect(last).toBe("last");
  });

  test("count the bytes that wait, not the messages alone", async () => {
    const publications = new Publications();
    const reader = publications.messages();
    const most = limit("subscriber-bytes");
    await publications.service(call("large", undefined, most));
    const gone = new AbortController();
    const waiting = publications.service(call("late", gone.signal));
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ASTRID_DEADLINE" });
    expect((await reader.next()).value?.topic).toBe("large");
    await publications.service(call("next"));
    expect((await reader.next()).value?.topic).toBe("next");
  });

  test("give up with a code when the publisher's time is over", async () => {
    const publications = new Publications();
    const reader = publications.messages();
    const most = limit("subscriber-messages");
    for (let at = 0; at < most; at++) await publications.service(call("n"));
    const gone = new AbortController();
    const waiting = publications.service(call("late", gone.signal));
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ASTRID_DEADLINE" });
    await reader.return();
  });

  test("don't wait for a reader that left, even before its first step", async () => {
    const publications = new Publications();
    const reader = publications.messages();
    await reader.return();
    for (let at = 0; at <= limit("subscriber-messages"); at++)
      await publications.service(call("n"));
  });

  test("wait for the listener, and hand its failure on", async () => {
    const heard: string[] = [];
    const publications = new Publications(async ({ topic }) => {
      await Promise.resolve();
      heard.push(topic);
      if (topic === "bad") throw new Error("no");
    });
    await publications.service(call("a"));
    expect(heard).toEqual(["a"]);
    await expect(publications.service(call("bad"))).rejects.toThrow("no");
  });
});
