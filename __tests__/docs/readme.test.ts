import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";

import { nodePowers } from "../../ts/base/powers.js";

const { packageFolder } = nodePowers().host;
const readme = readFileSync(join(packageFolder, "README.md"), "utf8");
const home = mkdtempSync(join(tmpdir(), "astrid-readme-"));
const OUTPUT_BYTES = 1 << 26;
const environment = { ...process.env, ASTRID_NATIVE_HOME: home };

/** The code blocks of one language. */
function blocks(language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm");
  return [...readme.matchAll(pattern)].map(([, body = ""]) => body.trim());
}

/** Runs a line of the README, without its installation, by the launcher that npx would start. */
function runLine(line: string): { status: number | null; stdout: string; stderr: string } {
  const launcher = "node bin/astrid-native.js";
  const command = line.replace(/^npm ci && /, "").replace("npx astrid-native", launcher);
  const shell = spawnSync("sh", ["-c", command], {
    cwd: packageFolder,
    encoding: "utf8",
    env: environment,
  });
  return { status: shell.status, stdout: shell.stdout, stderr: shell.stderr };
}

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

describe("the README", () => {
  it("opens with a search that finds", () => {
    const line = blocks("sh")[0] ?? "";
    expect(line).toMatch(/^npm ci && npx astrid-native run capsules\/search /);
    const { status, stdout, stderr } = runLine(line);
    const shown = /^(\{"matches":.*),…$/m.exec(readme)?.[1] ?? "nothing";
    expect(stdout.startsWith(shown)).toBe(true);
    expect(JSON.parse(stdout).matches).toHaveLength(1);
    expect(stderr).toMatch(/done \d+ ms · \d+ reads · 0 refused · record \d+, head [0-9a-f]+…/);
    expect(status).toBe(0);
  });

  it("shows a hostile capsule refused", () => {
    const line = blocks("sh")[1] ?? "";
    expect(line).toContain("capsules/hostile/thief");
    const { status, stdout, stderr } = runLine(line);
    expect(JSON.parse(stdout).loot).toEqual([]);
    expect(stderr).toMatch(
      /refused \d+: fs\.read workspace:\/\/\.env \(a protected name: \.env\); only if/,
    );
    expect(stderr).toMatch(/refused \d+: fs\.write workspace:\/\/\.git\/hooks\/post-checkout/);
    expect(status).toBe(0);
  });

  it.each([
    [0, /matches: \[/],
    [1, /kind: 'call'/],
  ])("has programs that run as they stand: %i", (at, output) => {
    // A folder of the checkout, so that the package's own name leads to it.
    const folder = join(packageFolder, "dist", ".readme");
    mkdirSync(folder, { recursive: true });
    const program = join(folder, `program-${at}.mjs`);
    writeFileSync(program, blocks("js")[at] ?? "");
    const run = { cwd: packageFolder, encoding: "utf8", env: environment } as const;
    // The records of a search through the whole checkout.
    const bounded = { ...run, maxBuffer: OUTPUT_BYTES };
    expect(execFileSync(process.execPath, [program], bounded)).toMatch(output);
  });

  it("has a capsule that builds and runs", () => {
    const folder = mkdtempSync(join(tmpdir(), "astrid-hello-"));
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "Capsule.toml"), blocks("toml")[0] ?? "");
    writeFileSync(join(folder, "src", "index.ts"), blocks("ts")[0] ?? "");
    const line = blocks("sh").find((one) => one.includes("./hello")) ?? "";
    const { status, stdout, stderr } = runLine(line.replace("./hello", folder));
    rmSync(folder, { recursive: true, force: true });
    expect(stderr).toMatch(/^info hello@folder-\S+: read workspace:\/\/package\.json$/m);
    expect(JSON.parse(stdout).lines).toBeGreaterThan(1);
    expect(status).toBe(0);
  });

  it("shows the manifest of search as it is", () => {
    const shown = (blocks("toml")[1] ?? "").split("\n").filter((line) => line !== "");
    const manifest = readFileSync(join(packageFolder, "capsules/search/Capsule.toml"), "utf8");
    for (const line of shown) expect(manifest.split("\n")).toContain(line);
  });
});
