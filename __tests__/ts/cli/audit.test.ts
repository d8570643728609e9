import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { Kernel } from "../../../ts/kernel/kernel.js";
import { Home } from "../audit/home.js";
import { powers } from "../kernel/scene.js";
import { astrid, type Ended, LAUNCH } from "./program.js";

/** `audit` with these words, on that home. */
function audit(home: Home, ...words: readonly string[]): Promise<Ended> {
  return astrid(["audit", ...words, "--home", home.folder], { cwd: home.scene.path("") });
}

/** A home in whose log a capsule has read what it may, and asked for what it may not. */
async function busyHome(): Promise<Home> {
  const home = await Home.make();
  const { scene } = home;
  await scene.write("workspace/a.txt", "text");
  await using kernel = await Kernel.open({ home: home.folder, instances: 2 }, powers);
  using capsule = await kernel.load(await scene.probe(), { workspace: scene.workspace });
  const paths = ["workspace://a.txt", "workspace://\u001b[31mred\u202e", "data://no"];
  await capsule.call({ do: "tryReads", paths });
  await capsule.call({ do: "set", key: "k", text: "v" });
  return home;
}

interface Row {
  readonly sequence: string;
  readonly kind: string;
  readonly verdict?: string;
  readonly code?: string;
  readonly verb?: string;
  readonly resource?: string;
}

const rows = ({ stdout }: Ended): Row[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("audit", () => {
  test("without a word helps, and has a help of its own", async () => {
    expect(await astrid(["audit"])).toMatchObject({ code: 2, stdout: "" });
    expect((await astrid(["audit", "verfy"])).stderr).toContain("did you mean");
    const { code, stdout } = await astrid(["audit", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("\n  audit verify");
    expect(stdout).not.toContain("\n  run ");
  });

  test("of a home without a log is a usage error", async () => {
    await using home = await Home.make();
    for (const verb of ["log", "verify", "key", "checkpoint", "export"]) {
      expect(await audit(home, verb)).toMatchObject({ code: 2, stdout: "" });
    }
    expect((await audit(home, "show", "0")).code).toBe(2);
  });

  test("key, checkpoint, verify: what was kept vouches, and what is missing is named", async () => {
    await using home = await Home.make(1);
    const kept = await audit(home, "checkpoint");
    await home.scene.write("kept.txt", kept.stdout);
    const [fingerprint = ""] = (await audit(home, "key")).stdout.split("\n");
    await home.start();

    const plain = await audit(home, "verify");
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain("records 1 to 4  signed: only this home vouches\n");
    expect(plain.stdout).toContain("consistent with itself; only this home vouches\n");

    const given = ["verify", "--against", "kept.txt", "--key", fingerprint];
    const full = await audit(home, ...given);
    expect(full.code).toBe(0);
    expect(full.stdout).toContain("records 1 to 2  anchored");
    expect(full.stdout).toContain("records 3 to 4  signed: by the keys of the given fingerprint\n");
    expect(full.stdout).not.toContain("consistent with itself");
    const document = JSON.parse((await audit(home, ...given, "--json")).stdout);
    expect(document).toMatchObject({ outcome: "done", records: "4", anchored: "2", signed: "4" });

    await home.cut(1);
    const cut = await audit(home, ...given, "--json");
    expect(cut.code).toBe(7);
    expect(cut.stderr).toContain("[ASTRID_AUDIT_CUT]");
    expect(JSON.parse(cut.stdout)).toMatchObject({ error: { code: "ASTRID_AUDIT_CUT" } });
    const foreign = `astrid:${"0".repeat(64)}`;
    expect((await audit(home, "verify", "--key", foreign)).stderr).toContain("[ASTRID_AUDIT_PIN]");
    expect((await audit(home, "verify", "--key", "0")).code).toBe(2);
    expect((await audit(home, "verify", "--against", "gone.txt")).code).toBe(2);
  });

  test("run: its last line, and whoever is told of checkpoints, vouch for the log", async () => {
    await using home = await Home.make();
    const { scene } = home;
    const told = ["--witness", "kept", "--witness-command", "./gone"];
    // A run that comes to nothing is recorded, signed and told as any other.
    const words = ["run", "nothing", "--home", home.folder, ...told];
    const ended = await astrid(words, { cwd: scene.path("") });
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(`witness "./gone" can't be started (ENOENT)`);
    const [, records, root] = /^log: (\d+) records, root (\S+)$/m.exec(ended.stderr) ?? [];
    await home.start();
    await scene.write("build.txt", ended.stderr);
    for (const kept of ["kept", "build.txt", `${records}:${root}`]) {
      const found = await audit(home, "verify", "--against", kept);
      expect(found.stdout).toContain(`records 1 to ${records}  anchored`);
    }
    const forged = `${records}:${"0".repeat(64)}`;
    expect((await audit(home, "verify", "--against", forged)).code).toBe(7);
  });

  test("renew: a log without its keys is followed by one that names it", async () => {
    await using home = await Home.make(1);
    expect((await audit(home, "renew")).code).toBe(2);
    await rm(`${home.folder}/keys/log`);
    const refused = await astrid(["run", "nothing", "--home", home.folder]);
    expect(refused).toMatchObject({ code: 7, stdout: "" });
    expect(refused.stderr).toContain("astrid-native audit renew");
    const renewed = JSON.parse((await audit(home, "renew", "--json")).stdout);
    await home.start();
    const { origin, records, root } = renewed;
    expect((await audit(home, "verify")).stdout).toContain(
      `follows the log ${origin} ${records} ${root}\n`,
    );
    const { previous } = JSON.parse((await audit(home, "verify", "--json")).stdout);
    expect(previous).toEqual({ origin, size: records, root });
  });

  test("prove: the proof verifies elsewhere, and not when it was changed", async () => {
    await using home = await Home.make(2);
    await using elsewhere = await Home.make();
    const { stdout: proof } = await audit(home, "prove", "3");
    const { fingerprint } = JSON.parse((await audit(home, "key", "--json")).stdout);
    await elsewhere.scene.write("proof.txt", proof);
    const words = ["verify", "--proof", "proof.txt", "--key", fingerprint];
    const good = await audit(elsewhere, ...words);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain("record 3 is in the log of 4 records\n");
    const alone = await audit(elsewhere, "verify", "--proof", "proof.txt");
    expect(alone.stdout).toContain("may have made the keys");
    await writeFile(elsewhere.scene.path("proof.txt"), proof.replace("index 2", "index 1"));
    const bad = await audit(elsewhere, ...words);
    expect(bad.code).toBe(7);
    expect(bad.stderr).toContain("[ASTRID_AUDIT_ROOT]");
    expect((await audit(home, "prove", "5")).code).toBe(2);
  });

  test("export --tiles: the tree under the last checkpoint, in a folder of its own", async () => {
    await using home = await Home.make(2);
    const tiles = ["export", "--tiles", "public"];
    expect((await audit(home, ...tiles)).stdout).toBe("wrote the tree of 4 records\n");
    const checkpoint = (await audit(home, "checkpoint")).stdout;
    expect(await home.scene.read("public/checkpoint")).toBe(checkpoint);
    const [hashes, entries] = await Promise.all(
      ["0", "entries"].map((name) => readFile(home.scene.path(`public/tile/${name}/000.p/4`))),
    );
    expect([hashes?.length, entries?.length]).toEqual([4 * 32, 4 * 34]);
    const again = await audit(home, ...tiles);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("[ASTRID_EXISTS]");
  });

  test("log and export: what was asked for, safe for the terminal", async () => {
    await using home = await busyHome();
    const all = rows(await audit(home, "export"));
    expect(all.map(({ sequence }) => Number(sequence))).toEqual(all.map((_, at) => at + 1));
    const denied = rows(await audit(home, "log", "--verdict", "deny", "--json"));
    expect(denied).toEqual(all.filter(({ verdict }) => verdict === "deny"));
    expect(denied).not.toEqual([]);
    const reads = ["--verb", "fs.read", "--resource", "workspace://*", "--capsule", "probe"];
    const found = rows(await audit(home, "log", ...reads, "--since", "1h", "--json"));
    expect(found).toEqual(
      all.filter(({ verb, resource }) => verb === "fs.read" && resource?.startsWith("workspace:")),
    );
    expect(found).not.toEqual([]);
    expect((await audit(home, "log", "--until", "1h")).stdout).toBe("");
    const failed = rows(
      await audit(home, "log", "--code", "ASTRID_DENIED", "--no-index", "--json"),
    );
    expect(failed).toEqual(all.filter(({ code }) => code === "ASTRID_DENIED"));
    expect(failed).not.toEqual([]);
    const few = ["log", "--kind", "call", "--last", "2", "--json"];
    expect(rows(await audit(home, ...few))).toEqual(
      all.filter(({ kind }) => kind === "call").slice(-2),
    );
    for (const wrong of [
      ["--kind", "cal"],
      ["--verdict", "denied"],
      ["--last", "0"],
    ]) {
      expect(await audit(home, "log", ...wrong)).toMatchObject({ code: 2, stdout: "" });
    }
    expect((await audit(home, "log", "--since", "yesterday")).code).toBe(2);

    const table = (await audit(home, "log")).stdout;
    expect(table.trimEnd().split("\n")).toHaveLength(all.length);
    expect(table).toContain("\\u{1b}[31mred\\u{202e}");
    expect(table).not.toContain("\u001b");

    const number = all.find(({ kind }) => kind === "call.outcome")?.sequence ?? "";
    const shown = (await audit(home, "show", number)).stdout;
    for (const name of ["who", "for whom", "what", "outcome", "follows"]) {
      expect(shown).toMatch(new RegExp(`^${name} +\\S`, "m"));
    }
    const [, ofRun = ""] = /^number +(\S+)$/m.exec(shown) ?? [];
    expect((await audit(home, "show", ofRun)).stdout).toBe(shown);
    expect((await audit(home, "show", `${ofRun}0`)).code).toBe(2);
    const verified = JSON.parse((await audit(home, "verify", "--json")).stdout);
    expect(verified).toMatchObject({ open: { count: "0" }, records: String(all.length) });
  });

  test("prune: what nobody else vouches for stays, the rest goes and still verifies", async () => {
    await using home = await busyHome();
    const before = rows(await audit(home, "export"));
    const call = before.find(({ kind }) => kind === "call")?.sequence ?? "";
    const root = JSON.parse((await audit(home, "checkpoint", "--json")).stdout);
    await home.scene.write("kept.txt", root.note);

    const bare = await audit(home, "prune", "--before", "0s");
    expect(bare).toMatchObject({ code: 2, stdout: "" });
    expect(bare.stderr).toContain("[ASTRID_AUDIT_UNANCHORED]");
    expect((await audit(home, "prune")).code).toBe(2);
    expect((await audit(home, "prune", "--through", "0")).code).toBe(2);
    const dry = await audit(home, "prune", "--before", "0s", "--dry-run");
    expect(dry.stdout).toContain(`of the records 1 to ${before.length}, `);
    expect((await audit(home, "prune", "--before", "1d")).stdout).toBe("nothing to prune\n");
    expect(rows(await audit(home, "export"))).toEqual(before);

    const range = ["--through", root.size, "--against", "kept.txt"];
    const done = JSON.parse((await audit(home, "prune", ...range, "--json")).stdout);
    expect(done).toMatchObject({ outcome: "done", through: root.size });
    const after = rows(await audit(home, "export"));
    expect(after.length).toBe(before.length - Number(done.bodies) + 1);
    expect(after.at(-1)).toMatchObject({ kind: "log.pruned", sequence: done.receipt });
    const kept = new Set(after.map(({ kind }) => kind));
    expect(kept).toContain("capsule.load");
    expect(kept).not.toContain("call");
    expect((await audit(home, "show", call)).stderr).toContain("was pruned");
    expect((await audit(home, "prove", call)).code).toBe(0);
    const verified = await audit(home, "verify", "--against", "kept.txt");
    expect(verified.stdout).toContain(`${done.bodies} of them pruned`);
    expect(verified.stdout).toContain(`records 1 to ${root.size}  anchored`);
    await home.start();
    expect((await audit(home, "verify", "--against", "kept.txt")).code).toBe(0);
    const rest = await audit(home, "prune", "--through", String(before.length), "--unanchored");
    expect(rest.stdout).toMatch(/^(?:took out|nothing to prune)/);
  });

  test("log --follow goes on until it is interrupted", async () => {
    await using home = await Home.make(1);
    const words = [LAUNCH, "audit", "log", "--follow", "--kind", "kernel.stop", "--json"];
    const child = spawn(process.execPath, [...words, "--home", home.folder]);
    const seen: string[] = [];
    let more = (): void => undefined;
    child.stdout.on("data", (chunk: Buffer) => {
      seen.push(...String(chunk).trimEnd().split("\n"));
      more();
    });
    const lines = async (count: number): Promise<void> => {
      while (seen.length < count) {
        await new Promise<void>((resolve) => {
          more = resolve;
        });
      }
    };
    await lines(1);
    await home.start();
    await lines(2);
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(seen.map((line) => JSON.parse(line).sequence)).toEqual(["2", "4"]);
  });
});
