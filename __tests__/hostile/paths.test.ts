// Names that should lead out of a granted root, and none does; the refusal doesn't tell whether
// the thing exists.
import { link, mkdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import type { Capsule } from "../../ts/index.js";
import { Arena, expectAlive } from "./arena.js";
import { makeFifo, makeSocket } from "./special.js";

const SECRET = "the secret outside";

let arena: Arena;
let prisoner: Capsule;
beforeAll(async () => {
  arena = await Arena.open();
  prisoner = await arena.load("escape");
  await writeFile(arena.path("outside"), SECRET);
  await mkdir(arena.path("folder"));
  await writeFile(arena.path("folder/inner"), SECRET);
});
afterAll(() => arena[Symbol.asyncDispose]());

let count = 0;
let base = "";
/** A folder of the workspace for one test, as the host and as the guest name it. */
beforeEach(async () => {
  count += 1;
  base = `${arena.workspace}/case-${count}`;
  await mkdir(base);
});
const guest = (name: string): string => `workspace://case-${count}/${name}`;

type Tried = { readonly ok?: unknown; readonly code?: string };

async function tries(...list: string[][]): Promise<Tried[]> {
  const result = await prisoner.call({ do: "tries", list });
  expect(result.outcome).toBe("done");
  return result.outcome === "done" ? (result.output as Tried[]) : [];
}

const codes = async (...list: string[][]): Promise<(string | undefined)[]> =>
  (await tries(...list)).map(({ code }) => code);

describe("a text that is no path", () => {
  test.each([
    "workspace://../outside",
    "workspace://a/../../outside",
    "workspace://./outside",
    "workspace:///etc/passwd",
    "workspace://a//b",
    "workspace://a/",
    "workspace://a\\..\\outside",
    "workspace://a\0b",
    "/etc/passwd",
    "../outside",
    "/proc/self/environ",
    "file:///etc/passwd",
    "home://keys/cache.key",
    "WORKSPACE://a",
    "workspace:/a",
    "workspace",
    "",
  ])("%j is refused by every call", async (path) => {
    await mkdir(`${arena.workspace}/a`, { recursive: true });
    const calls = ["read", "stat", "list", "write", "make", "remove", "removeAll"];
    const pairs = ["rename", "copy"].flatMap((call) => [
      [call, path, guest("x")],
      [call, guest("x"), path],
    ]);
    const found = await codes(...calls.map((call) => [call, path]), ...pairs);
    expect(found).toEqual(found.map(() => "ASTRID_INVALID"));
  });
});

describe("links", () => {
  test("to the outside are not followed, at the end nor on the way", async () => {
    await symlink(arena.path("outside"), `${base}/file`);
    await symlink(arena.path("folder"), `${base}/folder`);
    await symlink("/proc/self", `${base}/self`);
    const paths = ["file", "folder/inner", "self/environ"].map(guest);
    for (const call of ["read", "stat", "write", "append"]) {
      const found = await codes(...paths.map((path) => [call, path]));
      expect(found).toEqual(found.map(() => "ASTRID_NOT_A_FILE"));
    }
    expect(await codes(["list", guest("folder")])).toEqual(["ASTRID_NOT_A_FILE"]);
    expect(await readFile(arena.path("outside"), "utf8")).toBe(SECRET);
  });

  test("are not copied, renamed onto or shown in lists", async () => {
    await symlink(arena.path("outside"), `${base}/link`);
    await writeFile(`${base}/plain`, "plain");
    expect(await tries(["list", guest("").slice(0, -1)])).toEqual([{ ok: ["plain"] }]);
    expect(await codes(["copy", guest("link"), guest("taken")])).toEqual(["ASTRID_NOT_A_FILE"]);
    expect(await codes(["rename", guest("plain"), guest("link/x")])).toEqual(["ASTRID_NOT_A_FILE"]);
    expect(await readFile(arena.path("outside"), "utf8")).toBe(SECRET);
  });

  test("a file with another name outside is not written", async () => {
    await link(arena.path("outside"), `${base}/hard`);
    const found = await codes(["write", guest("hard")], ["append", guest("hard")]);
    expect(found).not.toContain(undefined);
    expect(await readFile(arena.path("outside"), "utf8")).toBe(SECRET);
  });
});

describe("protected names", () => {
  test.each([".env", ".ENV", ".Env.local", ".ſsh/id", ".npmrc", "id_rsa", "x.pem", "x.PEM"])(
    "%s is refused in every spelling, whether it is there or not",
    async (name) => {
      const gone = await codes(["read", guest(name)], ["stat", guest(name)]);
      const inFolder = name.includes("/");
      if (inFolder) await mkdir(`${base}/${name.split("/")[0]}`);
      await writeFile(`${base}/${name}`, SECRET);
      const there = await codes(["read", guest(name)], ["stat", guest(name)]);
      expect(gone).toEqual(["ASTRID_DENIED", "ASTRID_DENIED"]);
      expect(there).toEqual(gone);
      expect(await codes(["write", guest(name)])).toEqual(["ASTRID_DENIED"]);
      expect(await tries(["list", guest("").slice(0, -1)])).toEqual([{ ok: [] }]);
    },
  );

  test.each([".git/hooks/pre-commit", ".GIT/config", ".github/workflows/x.yml", ".envrc"])(
    "%s is not written",
    async (name) => {
      await mkdir(`${base}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
      expect(await codes(["write", guest(name)])).toEqual(["ASTRID_DENIED"]);
    },
  );

  test("below a folder refuse its removal, its move and its copy as a whole", async () => {
    await mkdir(`${base}/tree/deep/.git`, { recursive: true });
    await writeFile(`${base}/tree/deep/.git/config`, "config");
    await writeFile(`${base}/tree/first`, "first");
    await writeFile(`${base}/tree/deep/.env`, SECRET);
    const found = await codes(
      ["removeAll", guest("tree")],
      ["rename", guest("tree"), guest("moved")],
      ["copyAll", guest("tree"), guest("copied")],
    );
    expect(found).toEqual(["ASTRID_DENIED", "ASTRID_DENIED", "ASTRID_DENIED"]);
    expect(await readFile(`${base}/tree/first`, "utf8")).toBe("first");
    expect(await readFile(`${base}/tree/deep/.env`, "utf8")).toBe(SECRET);
    await expect(stat(`${base}/copied`)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(stat(`${base}/moved`)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("can't be made by renaming or copying something else", async () => {
    await writeFile(`${base}/plain`, "[core]");
    await mkdir(`${base}/.git`);
    const found = await codes(
      ["rename", guest("plain"), guest(".git/config")],
      ["copy", guest("plain"), guest(".envrc")],
      ["make", guest(".vscode")],
    );
    expect(found).toEqual(["ASTRID_DENIED", "ASTRID_DENIED", "ASTRID_DENIED"]);
  });
});

describe("special files", () => {
  test("a FIFO and a socket are refused at once, by every call", async () => {
    await makeFifo(`${base}/fifo`);
    await using _socket = await makeSocket(`${base}/s`);
    for (const call of ["read", "write", "append", "stat"]) {
      expect(await codes([call, guest("fifo")], [call, guest("s")])).toEqual([
        "ASTRID_NOT_A_FILE",
        "ASTRID_NOT_A_FILE",
      ]);
    }
    await expectAlive(prisoner);
  });

  test("a huge sparse file is neither read nor copied whole", async () => {
    await writeFile(`${base}/sparse`, "");
    await truncate(`${base}/sparse`, 2 ** 43);
    const [read, copy] = await codes(
      ["read", guest("sparse")],
      ["copy", guest("sparse"), "tmp://sparse"],
    );
    expect(read).toBe("E_TOO_LARGE");
    expect(copy).toMatch(/^ASTRID_(?:QUOTA|TOO_LARGE)$/);
  });

  test("a copy that takes long ends at its message's deadline", async () => {
    await writeFile(`${base}/large`, "");
    await truncate(`${base}/large`, 2 ** 29);
    const list = [["copy", guest("large"), guest("larger")]];
    const result = await prisoner.call({ do: "tries", list }, { deadlineMs: 20 });
    expect(result.outcome).toBe("deadline");
    // Half a GiB takes longer: whoever writes all of it never looked at the clock.
    const made = await stat(`${base}/larger`).catch(() => ({ size: 0 }));
    expect(made.size).toBeLessThan(2 ** 29);
  });
});
