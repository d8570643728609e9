import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { ROOT } from "./tree.js";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

interface Completion {
  completeLock(lock: unknown): Lock;
  missingFrom(lock: unknown): readonly { readonly name: string }[];
}

const completion = (await import(
  new URL("../../../scripts/lock/complete.js", import.meta.url).href
)) as Completion;
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");

test("dependencies are pinned to one version each", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const versions = Object.values({ ...dependencies, ...devDependencies });
  expect(versions).not.toEqual([]);
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});

test("the lock names no registry and holds the binaries of every platform", () => {
  const lock = JSON.parse(read("package-lock.json")) as Lock;
  const resolved = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined);
  expect(resolved).toEqual([]);
  expect(completion.missingFrom(lock)).toEqual([]);
});

test("an entry that npm left out is found and added", () => {
  const name = "@a/binding-linux-arm64-musl";
  const lock = { packages: { "node_modules/a": { optionalDependencies: { [name]: "1.2.3" } } } };
  expect(completion.missingFrom(lock)).toHaveLength(1);
  const complete = completion.completeLock(lock);
  expect(completion.missingFrom(complete)).toEqual([]);
  expect(complete.packages[`node_modules/${name}`]).toEqual({
    version: "1.2.3",
    cpu: ["arm64"],
    libc: ["musl"],
    os: ["linux"],
    optional: true,
  });
});
