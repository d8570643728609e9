import { afterAll, describe, expect, test } from "@jest/globals";

import { type AuditRecord, Kernel, type KernelOptions, type LogLine } from "../../../ts/index.js";
import { Scene } from "./scene.js";

// One home for all that need none of their own, so that the probe is compiled once.
const shared = await Scene.make();
afterAll(() => shared[Symbol.asyncDispose]());

async function open(options: KernelOptions = {}): Promise<Kernel> {
  return Kernel.open({ home: shared.home, instances: 8, ...options });
}

describe("a call", () => {
  test("ends with its answer, what it used and where it is recorded", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
    const result = await capsule.call({ do: "echo", value: { a: [1, "x", null] } });
    expect(result).toMatchObject({ outcome: "done", output: { a: [1, "x", null] }, refusals: [] });
    expect(result.usage.fuel).toBeGreaterThan(0n);
    expect(result.head).toMatch(/^[0-9a-f]{64}$/);
    const next = await capsule.call({ do: "nothing" }, { topic: "probe.nothing" });
    expect(next).toMatchObject({ outcome: "done" });
    expect("output" in next).toBe(false);
    expect(next.record).toBeGreaterThan(result.record);
  });

  test("is told who it acts for", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const options = { workspace: scene.workspace, principal: "alice" };
    const capsule = await kernel.load(await scene.probe(), options);
    const { authority } = capsule;
    const result = await capsule.call({ do: "context" }, { topic: "a.b" });
    expect(result).toMatchObject({
      output: { topic: "a.b", sender: "library", principal: "alice", authority },
    });
  });

  test("ends each in its own way, and the next one works", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const capsule = await kernel.load(await scene.probe(), {
      workspace: scene.workspace,
      memoryMib: 32,
    });
    const ends = async (input: object, options = {}): Promise<[string, string]> => {
      const result = await capsule.call(input as never, options);
      const again = await capsule.call({ do: "echo", value: 1 });
      expect(again).toMatchObject({ outcome: "done", output: 1 });
      return [result.outcome, result.outcome === "done" ? "" : result.error.code];
    };
    expect(await ends({ do: "fail", code: "E_MINE", message: "no" })).toEqual([
      "guest-error",
      "E_MINE",
    ]);
    expect(await ends({ do: "spin" }, { fuel: 50_000_000 })).toEqual([
      "out-of-fuel",
      "ASTRID_OUT_OF_FUEL",
    ]);
    expect(await ends({ do: "spin" }, { deadlineMs: 50 })).toEqual(["deadline", "ASTRID_DEADLINE"]);
    expect(await ends({ do: "sleep", ms: 60_000 }, { deadlineMs: 50 })).toEqual([
      "deadline",
      "ASTRID_DEADLINE",
    ]);
    expect(await ends({ do: "grow" })).toEqual(["out-of-memory", "ASTRID_OUT_OF_MEMORY"]);
    expect(await ends({ do: "recurse" })).toEqual(["stack-overflow", "ASTRID_STACK_OVERFLOW"]);
  });

  test("is cancelled by its signal, before and while it runs", async () => {
    await using scene = await Scene.make();
    const asleep = new AbortController();
    await using kernel = await open({ onLine: () => asleep.abort() });
    const capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
    const sleep = { do: "sleep", ms: 60_000 };
    expect(await capsule.call(sleep, { signal: asleep.signal })).toMatchObject({
      outcome: "cancelled",
    });
    expect(await capsule.call(sleep, { signal: AbortSignal.abort() })).toMatchObject({
      outcome: "cancelled",
      error: { code: "ASTRID_CANCELLED" },
    });
    expect(await capsule.call({ do: "echo", value: 1 })).toMatchObject({ outcome: "done" });
  });

  test.each([
    [1n as never, {}, "ASTRID_INPUT"],
    [undefined as never, {}, "ASTRID_INPUT"],
    ["x".repeat(2_000_000), {}, "ASTRID_INPUT"],
    [1, { fuel: 0 }, "ASTRID_USAGE"],
    [1, { fuel: 1.5 }, "ASTRID_USAGE"],
    [1, { deadlineMs: Number.POSITIVE_INFINITY }, "ASTRID_USAGE"],
    [1, { topic: "Not A Topic" }, "ASTRID_INVALID"],
  ])("with wrong arguments is refused (%#)", async (input, options, code) => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
    await expect(capsule.call(input, options)).rejects.toMatchObject({ code });
  });
});

describe("rights", () => {
  test("that are missing refuse the load and name the flags", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const folder = await scene.probe("writer", ['"fs.write" = ["workspace://out/**"]']);
    const { workspace } = scene;
    await expect(kernel.load(folder, { workspace })).rejects.toMatchObject({
      code: "ASTRID_GRANT_MISSING",
      details: { hints: ["--grant 'fs.write=workspace://out/**'"] },
    });
    const granted = { workspace, grants: ["fs.write=workspace://out/**"] };
    await scene.write("workspace/out/there", "");
    const capsule = await kernel.load(folder, granted);
    const write = { do: "write", path: "workspace://out/a", text: "hello" };
    expect(await capsule.call(write)).toMatchObject({ outcome: "done" });
    expect(await scene.read("workspace/out/a")).toBe("hello");
  });

  test("that are missing can be approved, all or none", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const folder = await scene.probe("writer", [
      '"fs.write" = ["workspace://out/**", "data://**"]',
    ]);
    const { workspace } = scene;
    const asked: unknown[] = [];
    const approve = (answer: unknown) => (question: { missing: unknown }) => {
      asked.push(question.missing);
      return answer as boolean;
    };
    for (const answer of [false, "yes", 1]) {
      await expect(
        kernel.load(folder, { workspace, approve: approve(answer) }),
      ).rejects.toMatchObject({
        code: "ASTRID_GRANT_MISSING",
      });
    }
    const capsule = await kernel.load(folder, { workspace, approve: approve(true) });
    expect(asked[3]).toEqual([
      { verb: "fs.write", pattern: "workspace://out/**" },
      { verb: "fs.write", pattern: "data://**" },
    ]);
    const write = { do: "write", path: "data://a", text: "x" };
    expect(await capsule.call(write)).toMatchObject({ outcome: "done" });
  });

  test("that were not given are refused at the call, with the reason for the person", async () => {
    await using scene = await Scene.make();
    await scene.write("workspace/.env", "secret");
    await scene.write("workspace/a", "public");
    await using kernel = await open();
    const capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
    const paths = ["workspace://a", "workspace://.env", "data://x"];
    const result = await capsule.call({ do: "tryReads", paths });
    expect(result).toMatchObject({
      output: ["public", "ASTRID_DENIED", "ASTRID_DENIED"],
      refusals: [
        { verb: "fs.read", resource: "workspace://.env", why: "protected" },
        { verb: "fs.read", resource: "data://x", why: "no-rule" },
      ],
    });
    expect(result.usage.refusedCalls).toBe(2n);
  });

  test.each([
    ["fs.raed=workspace://**", "ASTRID_GRANT"],
    ["fs.read=/etc/passwd", "ASTRID_GRANT"],
    ["fs.read", "ASTRID_GRANT"],
    ["log.write=x", "ASTRID_GRANT"],
    ["fs.read=workspace://a/../b", "ASTRID_GRANT"],
  ])("written as %s are refused", async (grant, code) => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const options = { workspace: scene.workspace, grants: [grant] };
    await expect(kernel.load(await scene.probe(), options)).rejects.toMatchObject({ code });
  });

  test("on a folder that overlaps the home are refused", async () => {
    await using scene = await Scene.make();
    await using kernel = await open({ home: scene.home });
    const folder = await scene.probe();
    for (const workspace of [
      scene.home,
      scene.path("."),
      scene.path("home/data"),
      scene.path("gone"),
    ]) {
      await expect(kernel.load(folder, { workspace })).rejects.toMatchObject({
        code: "ASTRID_WORKSPACE",
      });
    }
  });
});

describe("publishing", () => {
  test("reaches readers and listener in order", async () => {
    await using scene = await Scene.make();
    const heard: unknown[] = [];
    await using kernel = await open({
      onPublish: ({ payload }) => void heard.push(payload),
    });
    const capsule = await kernel.load(await scene.publisher(), { grants: ["ipc.publish=news.**"] });
    const messages = kernel.messages();
    const call = capsule.call({ topic: "news.today", value: 7, times: 3 });
    for (let at = 0; at < 3; at++) {
      expect((await messages.next()).value).toMatchObject({ topic: "news.today", payload: 7 });
    }
    await messages.return();
    expect(await call).toMatchObject({ outcome: "done" });
    expect(heard).toEqual([7, 7, 7]);
  });

  test("outside what was granted is refused", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const capsule = await kernel.load(await scene.publisher(), { grants: ["ipc.publish=news.a"] });
    expect(await capsule.call({ topic: "news.b", value: 1 })).toMatchObject({
      outcome: "guest-error",
      error: { code: "ASTRID_DENIED" },
    });
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("password");
      },
      "threw",
    ],
    ["lies", () => (() => 1) as never, "wrong-shape"],
  ])(
    "to a service that %s is an error for the guest, and nothing breaks",
    async (_, service, kind) => {
      await using scene = await Scene.make();
      const kinds: string[] = [];
      await using kernel = await open({
        services: { "ipc.publish": service },
        onProblem: (problem) => kinds.push(problem.kind),
      });
      const capsule = await kernel.load(await scene.publisher(), {
        grants: ["ipc.publish=news.**"],
      });
      const result = await capsule.call({ topic: "news.a", value: 1 });
      expect(result).toMatchObject({ outcome: "guest-error", error: { code: "ASTRID_SERVICE" } });
      expect(
        JSON.stringify(result, (_key, value) =>
          String(value) && typeof value === "bigint" ? "" : value,
        ),
      ).not.toContain("password");
      expect(kinds).toEqual([kind]);
    },
  );

  test("to a service that never answers ends with the call, and tells the service", async () => {
    await using scene = await Scene.make();
    let signal: AbortSignal | undefined;
    await using kernel = await open({
      services: {
        "ipc.publish": (call) => {
          signal = call.signal;
          return new Promise(() => undefined);
        },
      },
    });
    const capsule = await kernel.load(await scene.publisher(), { grants: ["ipc.publish=news.**"] });
    const result = await capsule.call({ topic: "news.a", value: 1 }, { deadlineMs: 200 });
    expect(result.outcome).toBe("deadline");
    expect(signal?.aborted).toBe(true);
  });
});

describe("a kernel", () => {
  test("hands on log lines as they were written", async () => {
    await using scene = await Scene.make();
    const lines: LogLine[] = [];
    await using kernel = await open({ onLine: (line) => lines.push(line) });
    const capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
    await capsule.call({ do: "log", text: "one line" });
    expect(lines).toMatchObject([{ level: "info", text: "one line" }]);
    expect(lines[0]?.capsule).toMatch(/^probe@folder-[0-9a-f]{16}$/);
  });

  test("tells its records, and follows them until it closes", async () => {
    await using scene = await Scene.make();
    const kernel = await open({ home: scene.home });
    const capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
    const { record, head } = await capsule.call({ do: "echo", value: 1 });
    const seen: AuditRecord[] = [];
    for await (const one of kernel.records({ from: 0n })) seen.push(one);
    expect(seen.map(({ sequence }) => sequence)).toEqual(
      seen.map((_, at) => (seen[0]?.sequence ?? 0n) + BigInt(at)),
    );
    expect(seen.find(({ sequence }) => sequence === record)).toMatchObject({
      outcome: "done",
      link: head,
    });

    const follower = kernel.records({ from: record + 1n, follow: true });
    const coming = follower.next();
    const next = await capsule.call({ do: "nothing" });
    expect((await coming).value?.sequence).toBe(record + 1n);
    for await (const one of follower) if (one.sequence === next.record) break;
    const last = kernel.records({ from: next.record + 1n, follow: true });
    const ended = last.next();
    await kernel.close();
    expect(await ended).toEqual({ done: true, value: undefined });
  });

  test("closes twice, and then refuses everything with a code", async () => {
    await using scene = await Scene.make();
    const kernel = await open();
    const folder = await scene.probe();
    const capsule = await kernel.load(folder, { workspace: scene.workspace });
    await Promise.all([kernel.close(), kernel.close()]);
    await kernel.close();
    capsule.close();
    await expect(kernel.load(folder)).rejects.toMatchObject({ code: "ASTRID_KERNEL_CLOSED" });
    expect(() => kernel.messages()).toThrow(
      expect.objectContaining({ code: "ASTRID_KERNEL_CLOSED" }),
    );
  });

  test("shares a process with another, and nothing else", async () => {
    await using scene = await Scene.make();
    const folder = await scene.probe();
    await using one = await open({ home: scene.home });
    await using other = await open({ home: scene.path("other") });
    const { workspace } = scene;
    const [first, second] = [
      await one.load(folder, { workspace }),
      await other.load(folder, { workspace }),
    ];
    await first.call({ do: "set", key: "k", text: "v" });
    expect(await first.call({ do: "get", key: "k" })).toMatchObject({ output: "v" });
    expect(await second.call({ do: "get", key: "k" })).toMatchObject({ output: null });
  });

  test("does not keep its process alive", async () => {
    await using scene = await Scene.make();
    const { execFile } = await import("node:child_process");
    const module = new URL("../../../ts/index.js", import.meta.url).href;
    const script = `
      const { Kernel } = await import(${JSON.stringify(module)});
      const kernel = await Kernel.open({ home: ${JSON.stringify(scene.home)}, instances: 1 });
      kernel.messages();
      process.stdout.write("open");`;
    const stdout = await new Promise((resolve, reject) => {
      const args = ["--input-type=module", "-e", script];
      execFile(process.execPath, args, { timeout: 20_000 }, (error, text) =>
        error ? reject(error) : resolve(text),
      );
    });
    expect(stdout).toBe("open");
  });

  test("adopts no folder that isn't its own", async () => {
    await using scene = await Scene.make();
    await scene.write("foreign/file", "x");
    await expect(open({ home: scene.path("foreign") })).rejects.toMatchObject({
      code: "ASTRID_HOME",
    });
    await expect(open({ instances: 0 })).rejects.toMatchObject({ code: "ASTRID_USAGE" });
  });
});

describe("preparing", () => {
  test("builds a source once, and again when anything of it changed", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const toml = 'manifest = 1\nname = "small"\nversion = "0.1.0"\nsource = "index.js"\n';
    await scene.write("small/Capsule.toml", toml);
    await scene.write("small/index.js", "export default { handle: async () => '1' };");
    const prepare = (): Promise<{ isBuilt: boolean; digest: string }> =>
      kernel.prepare(scene.path("small"));
    const first = await prepare();
    expect(first.isBuilt).toBe(true);
    expect(await prepare()).toMatchObject({ isBuilt: false, digest: first.digest });
    await scene.write("small/index.js", "export default { handle: async () => '2' };");
    const second = await prepare();
    expect(second.isBuilt).toBe(true);
    expect(second.digest).not.toBe(first.digest);
    await scene.write("small/Capsule.toml", `${toml}[grants]\n"log.write" = true\n`);
    expect(await prepare()).toMatchObject({ isBuilt: true });
  });

  test("names a bare component by its digest, and asks for what it imports", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const capsule = await kernel.prepare(`${await scene.probe()}/probe.wasm`);
    expect(capsule.name).toBe("probe");
    expect(capsule.source).toBe(`digest-${capsule.digest.slice(0, 16)}`);
    const { missing, grants } = (await kernel.plan(capsule)).plan;
    expect(missing).toEqual([]);
    expect(grants.map(({ verb, pattern }) => `${verb}=${pattern}`).sort()).toEqual([
      "clock.read=",
      "fs.read=tmp://**",
      "fs.write=tmp://**",
      "kv.read=*",
      "kv.write=*",
      "log.write=",
    ]);
  });

  test("does not let a folder here stand for a shipped capsule", async () => {
    await using scene = await Scene.make();
    await using kernel = await open();
    const shipped = await kernel.prepare("search");
    expect(shipped).toMatchObject({ name: "search", source: "shipped" });
    const impostor = await kernel.prepare(await scene.probe("search"));
    expect(impostor.source).toMatch(/^folder-/);
  });

  test.each([
    ["gone", undefined, "ASTRID_NOT_FOUND"],
    ["x.wasm", "not wasm", "ASTRID_NOT_A_COMPONENT"],
    ["x.wasm", new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), "ASTRID_NOT_A_COMPONENT"],
    ["x.wasm", new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 1]), "ASTRID_NOT_A_COMPONENT"],
    ["x/Capsule.toml", "nmae = 1", "ASTRID_MANIFEST"],
    ["x/other", "", "ASTRID_NOT_FOUND"],
  ])("of %s is refused with a code (%#)", async (name, content, code) => {
    await using scene = await Scene.make();
    await using kernel = await open();
    if (content !== undefined) await scene.write(name, content);
    const source = scene.path(name.split("/")[0] ?? "");
    await expect(kernel.prepare(source)).rejects.toMatchObject({ code });
  });
});
