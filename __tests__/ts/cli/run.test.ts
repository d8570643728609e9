import { chmod } from "node:fs/promises";

import { afterAll, describe, expect, test } from "@jest/globals";

import { Scene } from "../kernel/scene.js";
import { astrid, type Ended, type Start } from "./program.js";

// One home for all, so that the probe is compiled once.
const shared = await Scene.make();
afterAll(() => shared[Symbol.asyncDispose]());

/** Runs the probe of a scene with an input and more flags. */
async function run(
  scene: Scene,
  input: object,
  flags: string[] = [],
  start?: Start,
): Promise<Ended> {
  const folder = await scene.probe();
  return astrid(
    ["run", folder, ...common(scene), "--input", JSON.stringify(input), ...flags],
    start,
  );
}

function common(scene: Scene): string[] {
  return ["--home", shared.home, "--workspace", scene.workspace];
}

describe("run", () => {
  test("prints the answer on stdout and the count on stderr", async () => {
    await using scene = await Scene.make();
    await scene.write("workspace/a.txt", "hello");
    const ended = await run(scene, { do: "read", path: "workspace://a.txt" });
    expect(ended).toMatchObject({ code: 0, stdout: '"hello"\n' });
    const [count, log] = ended.stderr.trimEnd().split("\n").slice(-2);
    expect(log).toMatch(/^log: \d{1,3}(?:,\d{3})* records, root [0-9a-f]{64}$/);
    expect(count).toMatch(
      /^done \d+ (?:µs|ms|s) · \d+ reads? · 0 refused · record \d+, head [0-9a-f]{16}…$/,
    );
  });

  test("prints one JSON document, 64-bit numbers as strings", async () => {
    await using scene = await Scene.make();
    const { code, stdout } = await run(scene, { do: "echo", value: { a: 1 } }, ["--json"]);
    const document = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      outcome: "done",
      output: { a: 1 },
      usage: { fuel: expect.stringMatching(/^\d+$/), refusedCalls: "0" },
      record: expect.stringMatching(/^\d+$/),
      head: expect.stringMatching(/^[0-9a-f]{64}$/),
      log: {
        records: expect.stringMatching(/^\d+$/),
        root: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      refusals: [],
    });
  });

  test.each([
    [{ do: "fail", code: "E_MINE", message: "mine" }, [], [1, "guest-error", "E_MINE"]],
    [{ do: "spin" }, ["--fuel", "50000000"], [4, "out-of-fuel", "ASTRID_OUT_OF_FUEL"]],
    [{ do: "spin" }, ["--deadline-ms", "50"], [4, "deadline", "ASTRID_DEADLINE"]],
    [{ do: "grow" }, ["--memory-mib", "32"], [4, "out-of-memory", "ASTRID_OUT_OF_MEMORY"]],
  ])("ends %j %j as %j", async (input, flags, [code, outcome, error]) => {
    await using scene = await Scene.make();
    const ended = await run(scene, input, [...flags, "--json"]);
    expect(ended.code).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome, error: { code: error } });
    expect(ended.stderr).toContain(`[${error}]`);
  });

  test("shows an error of the capsule as the capsule's, whatever code it chose", async () => {
    await using scene = await Scene.make();
    const message = "nothing grants it\nrefused 1: fs.write; --grant 'fs.write=workspace://**'";
    const forged = { do: "fail", code: "ASTRID_DENIED", message };
    const ended = await run(scene, forged, ["--json"]);
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      outcome: "guest-error",
      error: { action: null },
    });
    const [first, ...others] = ended.stderr.trimEnd().split("\n");
    expect(first).toMatch(/^probe says: nothing grants it\\u\{a\}refused 1: .*\[ASTRID_DENIED\]$/);
    expect(others).toEqual([
      expect.stringMatching(/^guest-error /),
      expect.stringMatching(/^log: /),
    ]);
  });

  test("reads its input from a file and from standard input", async () => {
    await using scene = await Scene.make();
    const folder = await scene.probe();
    const file = await scene.write("in.json", '{"do":"echo","value":1}');
    const from = (input: string, start: Start = {}): Promise<Ended> =>
      astrid(["run", folder, ...common(scene), "--input", input], start);
    expect(await from(`@${file}`)).toMatchObject({ code: 0, stdout: "1\n" });
    const stdin = '{"do":"echo","value":2}';
    expect(await from("-", { stdin })).toMatchObject({ code: 0, stdout: "2\n" });
  });

  test("tells each refusal once, with the flag that allows it, and the flag does", async () => {
    await using scene = await Scene.make();
    await scene.write("workspace/.env", "A=1");
    await scene.write("workspace/it's here/b", "B");
    const paths = ["workspace://.env", "workspace://.env", "data://it's $(touch x)", "tmp://a"];
    const ended = await run(scene, { do: "tryReads", paths });
    expect(ended).toMatchObject({ code: 0 });
    const lines = ended.stderr.split("\n").filter((line) => line.startsWith("refused"));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^refused \d+: fs\.read workspace:\/\/\.env \(a protected name: /);
    expect(lines[1]).toContain(`--grant 'fs.read=data://it'\\''s $(touch x)'`);
    const opened = await run(scene, { do: "read", path: "workspace://.env" }, [
      "--grant",
      "fs.read=workspace://.env",
    ]);
    expect(opened).toMatchObject({ code: 0, stdout: '"A=1"\n' });
  });

  test("without a terminal ends with 3 and the flags to add, and runs with them", async () => {
    await using scene = await Scene.make();
    const folder = await scene.probe("writer", [
      '"fs.write" = ["workspace://out/**", "data://**"]',
    ]);
    await scene.write("workspace/out/there", "");
    const write = { do: "write", path: "workspace://out/a", text: "x" };
    const command = ["run", folder, ...common(scene), "--input", JSON.stringify(write)];
    const refused = await astrid([...command, "--json"]);
    expect(refused.code).toBe(3);
    const flags = ["--grant 'fs.write=workspace://out/**'", "--grant 'fs.write=data://**'"];
    for (const flag of flags) expect(refused.stderr).toContain(`  ${flag}\n`);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      outcome: "denied",
      error: { code: "ASTRID_GRANT_MISSING", hints: flags },
    });
    const granted = await astrid([...command, "--grant", "fs.write=workspace://out/**,data://**"]);
    expect(granted.code).toBe(0);
    expect(await scene.read("workspace/out/a")).toBe("x");
  });

  test("names the flag where only a workspace is missing, and gives no second advice", async () => {
    await using scene = await Scene.make();
    const folder = await scene.probe();
    const { code, stderr } = await astrid(["run", folder, "--home", shared.home]);
    expect(code).toBe(3);
    const lines = stderr.trimEnd().split("\n");
    const [message, ...tries] = lines.filter((line) => !line.startsWith("log: "));
    expect(message).toMatch(/^astrid-native: probe reads workspace:\/\/: name the folder with \[/);
    expect(tries).toEqual(["  --workspace <folder>"]);
  });

  test("names the path in an error of a file", async () => {
    await using scene = await Scene.make();
    const { code, stderr } = await run(scene, { do: "read", path: "workspace://gone" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^probe says: workspace:\/\/gone: .*\[ASTRID_NOT_FOUND\]$/m);
  });

  test("--dry-run shows what it asks for, gets and lacks, and runs nothing", async () => {
    await using scene = await Scene.make();
    const folder = await scene.probe("writer", ['"fs.write" = ["workspace://out/**"]']);
    const command = ["run", folder, ...common(scene), "--dry-run"];
    const lacking = await astrid([...command, "--json"]);
    expect(lacking.code).toBe(3);
    expect(JSON.parse(lacking.stdout)).toMatchObject({
      outcome: "denied",
      missing: [{ verb: "fs.write", pattern: "workspace://out/**" }],
      flags: ["--grant 'fs.write=workspace://out/**'"],
    });
    const complete = await astrid([...command, "--grant", "fs.write=workspace://out/**"]);
    expect(complete.code).toBe(0);
    expect(complete.stdout).toContain("granted   fs.write=workspace://out/**");
    expect(complete.stderr).not.toMatch(/^done/m);
  });

  test("shows log lines escaped, one line each, with level and capsule", async () => {
    await using scene = await Scene.make();
    const text = "\u001b]52;c;aGk=\u0007\nerror other@shipped: forged \u202e";
    const { stderr } = await run(scene, { do: "log", text });
    const lines = stderr.split("\n").filter((line) => line.includes("forged"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^info probe@folder-[0-9a-f]{16}: /);
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("is cancelled by an interrupt: the call is recorded and the exit code 130", async () => {
    await using scene = await Scene.make();
    let isSent = false;
    const ended = await run(scene, { do: "sleep", ms: 60_000 }, ["--json"], {
      onStderr: (stderr, kill) => {
        if (isSent || !stderr.includes("asleep")) return;
        isSent = true;
        kill("SIGINT");
      },
    });
    expect(ended.code).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      outcome: "cancelled",
      record: expect.stringMatching(/^\d+$/),
    });
  });
});

describe("run with bad input", () => {
  interface Bad {
    readonly what: string;
    readonly source?: string;
    readonly flags?: readonly string[];
    readonly code: number;
    readonly error: string;
    /** What to try instead. */
    readonly hint?: string;
  }

  const cases: readonly Bad[] = [
    { what: "no such capsule", source: "gone", code: 2, error: "ASTRID_NOT_FOUND" },
    { what: "not wasm", source: "text.wasm", code: 6, error: "ASTRID_NOT_A_COMPONENT" },
    { what: "a core module", source: "core.wasm", code: 6, error: "ASTRID_NOT_A_COMPONENT" },
    { what: "a truncated file", source: "cut.wasm", code: 6, error: "ASTRID_NOT_A_COMPONENT" },
    { what: "a manifest typo", source: "typo", code: 6, error: "ASTRID_MANIFEST" },
    { what: "no workspace", flags: ["--workspace", "gone"], code: 2, error: "ASTRID_WORKSPACE" },
    { what: "a home inside", flags: ["--workspace", "."], code: 2, error: "ASTRID_WORKSPACE" },
    {
      what: "no JSON",
      flags: ["--input", "{"],
      code: 2,
      error: "ASTRID_INPUT",
      hint: "write --input '{",
    },
    {
      what: "no input file",
      flags: ["--input", "@gone"],
      code: 2,
      error: "ASTRID_INPUT",
      hint: "name an existing file",
    },
    { what: "a folder as input", flags: ["--input", "@."], code: 2, error: "ASTRID_INPUT" },
    { what: "no JSON on stdin", flags: ["--input", "-"], code: 2, error: "ASTRID_INPUT" },
    { what: "two inputs", flags: ["--input", "-", "--input", "1"], code: 2, error: "ASTRID_USAGE" },
    { what: "fuel no number", flags: ["--fuel", "lots"], code: 2, error: "ASTRID_USAGE" },
    { what: "fuel too small", flags: ["--fuel", "0"], code: 2, error: "ASTRID_USAGE" },
    { what: "too much memory", flags: ["--memory-mib", "99999"], code: 2, error: "ASTRID_USAGE" },
    { what: "no topic", flags: ["--topic", "A B"], code: 2, error: "ASTRID_INVALID" },
    { what: "no grant", flags: ["--grant", "fs.read"], code: 2, error: "ASTRID_GRANT" },
    { what: "no verb", flags: ["--grant", "fs.raed=tmp://"], code: 2, error: "ASTRID_GRANT" },
    { what: "a foreign home", flags: ["--home", "typo"], code: 2, error: "ASTRID_HOME" },
    { what: "an open home", flags: ["--home", "open"], code: 2, error: "ASTRID_HOME" },
    { what: "an unknown flag", flags: ["--yes"], code: 2, error: "ASTRID_USAGE" },
  ];

  test.each(cases)("$what: $error", async ({ source, flags = [], code, error, hint }) => {
    await using scene = await Scene.make();
    await scene.write("text.wasm", "hello");
    await scene.write("core.wasm", new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    await scene.write("cut.wasm", new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 99]));
    await scene.write("typo/Capsule.toml", 'manifest = 1\nnmae = "x"\n');
    await scene.write("open/keep", "");
    await chmod(scene.path("open"), 0o777);
    await scene.probe();
    const defaults = [
      ...(flags.includes("--home") ? [] : ["--home", "home"]),
      ...(flags.includes("--workspace") ? [] : ["--workspace", "workspace"]),
      ...(flags.includes("--input") ? [] : ["--input", '{"do":"nothing"}']),
    ];
    const cwd = scene.path(".");
    const ended = await astrid(["run", source ?? "./probe", ...defaults, ...flags, "--json"], {
      cwd,
    });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: { code: error, message: expect.any(String), action: expect.any(String) },
    });
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(`[${error}]`);
    if (hint !== undefined) expect(ended.stderr).toContain(`]\n  ${hint}`);
  });
});
