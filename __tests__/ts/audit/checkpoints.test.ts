import { chmod } from "node:fs/promises";

import { expect, test } from "@jest/globals";

import { readChain } from "../../../ts/audit/open-log.js";
import { limit } from "../../../ts/base/limits.js";
import type { Powers } from "../../../ts/base/powers.js";
import { Kernel } from "../../../ts/kernel/kernel.js";
import { powers } from "../kernel/scene.js";
import { Home } from "./home.js";

/** A clock whose seconds the test lets pass. */
class Seconds {
  #act: () => void = () => undefined;
  #isSet: () => void = () => undefined;

  powers({ clock, ...rest }: Powers): Powers {
    const later = (durationMs: number, act: () => void): void => {
      if (durationMs === limit("audit-checkpoint-ms")) {
        this.#act = act;
        this.#isSet();
      } else {
        clock.later(durationMs, act);
      }
    };
    return { ...rest, clock: { ...clock, later } };
  }

  /** Lets one pass; resolves when what it began is done. */
  async pass(): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#isSet = resolve;
    });
    this.#act();
    await done;
  }
}

test("a log is signed each second in which it grew, and not while it rests", async () => {
  await using home = await Home.make();
  const seconds = new Seconds();
  const options = { home: home.folder, instances: 1 };
  await using kernel = await Kernel.open(options, seconds.powers(powers));
  await seconds.pass();
  expect(await home.kept()).toMatchObject({ size: 1n });
  await seconds.pass();
  expect(await home.notes()).toHaveLength(1);
  await home.start();
  await seconds.pass();
  await kernel.close();
  const sizes = (await Promise.all((await home.notes()).map((_, at) => home.kept(at)))).map(
    ({ size }) => size,
  );
  expect(sizes.at(0)).toBe(1n);
  expect(sizes.at(-1)).toBe(4n);
  expect(await home.verify()).toMatchObject({ records: 4n, signed: 4n });
});

test("the key of a log that rests is replaced as well", async () => {
  await using home = await Home.make();
  const seconds = new Seconds();
  const options = { home: home.folder, instances: 1 };
  await using kernel = await Kernel.open(options, seconds.powers(home.powers));
  await seconds.pass();
  home.aheadMs += limit("audit-epoch-ms");
  await seconds.pass();
  expect((await readChain(powers, home.folder))?.closings).toHaveLength(1);
  await kernel.close();
  // The record of the new key, and of the stop.
  expect(await home.verify()).toMatchObject({ records: 3n, signed: 3n });
});

test("that it can't be signed is told once, until it can again", async () => {
  await using home = await Home.make();
  const seconds = new Seconds();
  const problems: string[] = [];
  const onProblem = ({ kind }: { kind: string }): void => void problems.push(kind);
  const options = { home: home.folder, instances: 1, onProblem };
  const kernel = await Kernel.open(options, seconds.powers(powers));
  const log = `${home.folder}/keys/log`;
  for (const round of [1, 2]) {
    await chmod(log, 0o644);
    await home.start().catch(() => undefined);
    await seconds.pass();
    await seconds.pass();
    expect(problems).toEqual(Array(round).fill("checkpoint"));
    await chmod(log, 0o600);
    await seconds.pass();
  }
  await chmod(log, 0o644);
  await expect(kernel.close()).rejects.toMatchObject({ code: "ASTRID_AUDIT_KEY" });
  await chmod(log, 0o600);
  expect(await home.verify()).toMatchObject({ open: { count: 0n } });
});
