// A log whose keys are lost: nothing goes on with other keys unseen, and the next log names it.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";

import { describe, expect, test } from "@jest/globals";

import { openLog } from "../../../ts/audit/open-log.js";
import { formatPrevious, type Previous, renewLog } from "../../../ts/audit/renewal.js";
import type { Files, Powers } from "../../../ts/base/powers.js";
import { openAddon } from "../../../ts/kernel/addon.js";
import { independent } from "../../independent/both.js";
import { powers } from "../kernel/scene.js";
import { codeOf } from "./code.js";
import { Home } from "./home.js";

interface Found {
  readonly records: bigint;
  readonly signed: bigint;
  readonly previous?: string;
}
const { verifyLog } = await independent<{ verifyLog(folder: string): Found }>("./verify.js");

async function renew(home: Home, by: Powers = powers): Promise<Previous & { folder: string }> {
  return renewLog(by, await openLog(powers, openAddon(powers).native, home.folder));
}

const key = (home: Home, name: string): string => `${home.folder}/keys/${name}`;

/** A home whose log can't be signed any more. */
async function lost(): Promise<Home> {
  const home = await Home.make(2);
  await rm(key(home, "epoch-00000001"));
  return home;
}

async function origin(home: Home): Promise<string> {
  return (await readFile(home.path("origin"))).subarray(12).toString("hex");
}

describe("a log without its keys", () => {
  test("is moved aside whole, and the next one names it", async () => {
    await using home = await lost();
    const [old, { root }] = [await origin(home), await home.verify()];
    expect(await codeOf(() => home.start())).toBe("ASTRID_AUDIT_KEY");
    const renewed = await renew(home);
    // The kernel that was refused had started, and says so.
    expect(renewed).toMatchObject({ origin: old, size: expect.any(BigInt) });
    expect(renewed.size).toBeGreaterThanOrEqual(4n);
    expect(renewed.folder).toBe(`${home.folder}/audit-${old.slice(0, 16)}`);
    expect(verifyLog(renewed.folder)).toMatchObject({ records: renewed.size, signed: 4n });
    expect(await readdir(`${renewed.folder}/keys`)).toEqual(["log"]);
    expect(root).toMatch(/^[0-9a-f]{64}$/);

    for (let i = 0; i < 2; i++) await home.start();
    expect(await origin(home)).not.toBe(old);
    const { origin: from, size, root: at } = renewed;
    expect(await home.verify()).toMatchObject({
      records: 5n,
      signed: 5n,
      previous: { origin: from, size, root: at },
    });
    expect(verifyLog(home.path("")).previous).toBe(formatPrevious(renewed));
    expect(await readdir(home.folder)).not.toContain("log-renewed");
  });

  test.each([
    ["the log key is gone", (home: Home) => rm(key(home, "log"))],
    ["a key is damaged", (home: Home) => writeFile(key(home, "epoch-00000001"), "?")],
    ["its keys are damaged", (home: Home) => writeFile(home.path("epochs"), "keys\n")],
    [
      "its certificates are gone",
      async (home: Home) => {
        await home.startLater();
        await rm(home.path("epochs"));
      },
    ],
    [
      "its keys are another's",
      async (home: Home) => {
        await using other = await Home.make(1);
        await writeFile(home.path("epochs"), await other.read("epochs"));
      },
    ],
  ])("is renewed where %s", async (_, lose) => {
    await using home = await Home.make(1);
    await lose(home);
    const { folder } = await renew(home);
    await home.start();
    expect(await home.verify()).toMatchObject({ records: 3n, signed: 3n });
    expect(await readdir(home.folder)).toContain(folder.split("/").at(-1));
  });

  test("stops anywhere and goes on, and no log is ever signed by foreign keys", async () => {
    for (let steps = 0, isDone = false; !isDone; steps++) {
      await using home = await lost();
      const old = await origin(home);
      isDone = (await codeOf(() => renew(home, failing(steps)))) === undefined;
      const isAside = await codeOf(() => origin(home)).then((code) => code !== undefined);
      if (!isAside) {
        expect(await codeOf(() => home.start())).toBe("ASTRID_AUDIT_KEY");
        await renew(home);
      }
      await home.start();
      expect(await home.verify()).toMatchObject({ signed: 3n, previous: { origin: old } });
    }
  });

  test("that gets them back before it is aside goes on as if nothing was", async () => {
    await using home = await Home.make(1);
    const backup = await home.copy("backup");
    await rm(key(home, "log"));
    // What was to be linked is on disk, and no key was moved yet.
    expect(await codeOf(() => renew(home, failing(3)))).toBe("ASTRID_IO");
    expect(await readdir(home.folder)).toContain("log-renewed");
    await writeFile(key(home, "log"), await readFile(key(backup, "log")), { mode: 0o600 });
    await home.start();
    expect(await home.verify()).toMatchObject({ records: 4n, signed: 4n, previous: undefined });
    expect(await readdir(home.folder)).not.toContain("log-renewed");
  });
});

test("a link that a crash left is recorded again, and the first one counts", async () => {
  await using home = await lost();
  const renewed = await renew(home);
  const line = `${home.folder}/log-renewed`;
  const text = await readFile(line, "utf8");
  await home.start();
  await writeFile(line, text);
  await home.start();
  await writeFile(line, text.replace(/^./, "f"));
  await home.start();
  const { records, previous } = await home.verify();
  expect([records, previous?.origin]).toEqual([9n, renewed.origin]);
  for (const bad of ["", "x", text.slice(0, -1), text.repeat(2), "9".repeat(300)]) {
    await writeFile(line, bad);
    expect(await codeOf(() => home.start())).toBe("ASTRID_AUDIT_NOTE");
  }
});

test("keys that fit are no reason, and neither is a log that was never signed", async () => {
  await using home = await Home.make(1);
  expect(await codeOf(() => renew(home))).toBe("ASTRID_USAGE");
  await rm(home.path("epochs"));
  expect(await codeOf(() => renew(home))).toBe("ASTRID_USAGE");
  await rm(key(home, "log"));
  expect(await readdir(home.folder)).not.toContain("log-renewed");
});

test("a log that doesn't verify stays where it is", async () => {
  await using home = await lost();
  const bytes = await readFile(home.path("segment-00000001.log"));
  bytes[120] = (bytes[120] ?? 0) ^ 1;
  await writeFile(home.path("segment-00000001.log"), bytes);
  expect(await codeOf(() => renew(home))).toBe("ASTRID_AUDIT_CORRUPT");
  expect(await readdir(home.folder)).toContain("audit");
});

/** Powers whose calls that change something fail after so many. */
function failing(steps: number): Powers {
  let left = steps;
  const step = <Args extends unknown[], T>(act: (...args: Args) => T) => {
    return (...args: Args): T => {
      if (left === 0) throw Object.assign(new Error("full"), { code: "EIO", syscall: "write" });
      left -= 1;
      return act(...args);
    };
  };
  const { rename, mkdir, link } = powers.files;
  const changed = { rename: step(rename), mkdir: step(mkdir), link: step(link) };
  return { ...powers, files: { ...powers.files, ...changed } as Files };
}
