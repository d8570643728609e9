// What happens at a terminal, with a real one: `script` gives the command a pseudo-terminal.
import { spawn, spawnSync } from "node:child_process";
import { readdir, stat } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { shellWord } from "../../../ts/policy/grant.js";
import { Scene } from "../kernel/scene.js";
import { LAUNCH } from "./program.js";

const hasScript = spawnSync("script", ["--version"]).status === 0;
// Said in the report as skipped tests, where the machine has no `script`.
const atTerminal = hasScript ? test : test.skip;

interface Session {
  readonly code: number | null;
  readonly screen: string;
}

/** Runs `astrid-native` at a terminal, and types `answer` when it is asked. */
function terminal(args: readonly string[], answer: string): Promise<Session> {
  const command = [process.execPath, LAUNCH, ...args].map(shellWord).join(" ");
  const options = ["--quiet", "--return", "--echo", "never", "--command"];
  const child = spawn("script", [...options, `exec ${command}`, "/dev/null"], {
    env: { ...process.env, SHELL: "/bin/bash", TERM: "xterm" },
  });
  let screen = "";
  let isAnswered = false;
  child.stdout.on("data", (chunk: Buffer) => {
    screen += String(chunk);
    if (isAnswered || !screen.includes("[y/N]")) return;
    isAnswered = true;
    child.stdin.write(answer);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, screen }));
  });
}

async function writer(scene: Scene, pattern: string): Promise<string[]> {
  const folder = await scene.probe("writer", [`"fs.write" = ["${pattern}"]`]);
  await scene.write("workspace/out/there", "");
  const input = JSON.stringify({ do: "echo", value: "\u001b[31mred\u202e" });
  return ["run", folder, "--home", scene.home, "--workspace", scene.workspace, "--input", input];
}

describe("at a terminal", () => {
  atTerminal("a yes is remembered for exactly this, and a changed byte asks again", async () => {
    await using scene = await Scene.make();
    const command = await writer(scene, "workspace://out/**");
    const first = await terminal(command, "y\n");
    expect(first.screen).toContain("fs.write=workspace://out/**");
    expect(first.code).toBe(0);
    const [name = ""] = await readdir(scene.path("home/approvals"));
    expect((await stat(scene.path(`home/approvals/${name}`))).mode & 0o777).toBe(0o600);

    const second = await terminal(command, "n\n");
    expect(second.code).toBe(0);
    expect(second.screen).not.toContain("[y/N]");

    await writer(scene, "workspace://ouu/**");
    const third = await terminal(command, "n\n");
    expect(third.screen).toContain("[y/N]");
    expect(third.code).toBe(3);
  });

  atTerminal("a yes outlives a build into the capsule's own folder", async () => {
    await using scene = await Scene.make();
    const head = 'manifest = 1\nname = "small"\nversion = "0.1.0"\nsource = "index.js"\n';
    const asks = '[grants]\n"fs.write" = ["workspace://out/**"]\n';
    await scene.write("small/Capsule.toml", `${head}${asks}`);
    await scene.write("small/index.js", "export default { handle: async () => '1' };");
    const home = ["--home", scene.home];
    const command = ["run", scene.path("small"), ...home, "--workspace", scene.workspace];
    expect((await terminal(command, "y\n")).screen).toContain("[y/N]");
    expect((await terminal(["build", scene.path("small"), ...home], "")).code).toBe(0);
    const again = await terminal(command, "n\n");
    expect(again.screen).not.toContain("[y/N]");
    expect(again.code).toBe(0);
  });

  atTerminal.each(["\n", "no\n", "yeah\n", `${"y".repeat(100)}\n`, "\u0004"])(
    "%j is not a yes",
    async (answer) => {
      await using scene = await Scene.make();
      const { code } = await terminal(await writer(scene, "workspace://out/**"), answer);
      expect(code).toBe(3);
      await expect(readdir(scene.path("home/approvals"))).rejects.toMatchObject({ code: "ENOENT" });
    },
  );

  atTerminal("an interrupt at the question cancels", async () => {
    await using scene = await Scene.make();
    const { code } = await terminal(await writer(scene, "workspace://out/**"), "\u0003");
    expect(code).toBe(130);
  });

  atTerminal("what a capsule answers and asks for is shown escaped", async () => {
    await using scene = await Scene.make();
    const command = await writer(scene, "workspace://a\\u200b\\u202e/**");
    const { screen, code } = await terminal(command, "y\n");
    expect(code).toBe(0);
    expect(screen).toContain("workspace://a\\u{200b}\\u{202e}/**");
    expect(screen).toContain('"\\u001b[31mred\\u202e"');
    expect(screen).not.toContain("\u202e");
    expect(screen).not.toContain("\u200b");
    const { screen: raw } = await terminal([...command, "--raw"], "");
    expect(raw).toContain('"\\u001b[31mred\u202e"');
  });
});
