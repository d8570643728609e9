import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { fail } from "../base/errors.js";
import { escapeText } from "../base/escape.js";
import { readRegular } from "../base/files.js";
import { limit } from "../base/limits.js";
import type { Powers } from "../base/powers.js";
import {
  COMPONENT_FILE,
  type Failure,
  type InputFile,
  JOB_FILE,
  type Job,
  parseOurs,
  RESULT_FILE,
  type Result,
} from "./build/job.js";
import { runBounded } from "./build/process.js";
import { sha256 } from "./build/sources.js";
import { worldWit } from "./build/world.js";
import { interfacesOf } from "./grants.js";
import { MANIFEST_NAME, type Manifest, readManifest } from "./manifest.js";

/** What building takes of this process's authority. */
export type BuildPowers = Pick<Powers, "files" | "processes" | "clock" | "host">;

/** Bounds of one build; by default the limits `build-ms` and `build-memory-mib`. */
export interface BuildOptions {
  readonly deadlineMs?: number;
  readonly memoryMib?: number;
}

/** A capsule that was built, or whose component was there already. */
export interface Built {
  readonly manifest: Manifest;
  readonly component: Uint8Array;
  /** The world that the grants make; what a component from elsewhere should import at most. */
  readonly worldWit: string;
  readonly warnings: readonly string[];
  /** The manifest, then the files that decided what was built, in byte order of their paths. */
  readonly inputs: readonly InputFile[];
  /** Wall time, in milliseconds. */
  readonly ms: number;
}

const MODULE_FOLDER = dirname(fileURLToPath(import.meta.url));

/**
 * The component of the capsule in `folder`, built from its source, or read if its manifest names a
 * component. The source's top-level code runs in a sandbox inside one bounded process.
 *
 * Fails with `ASTRID_MANIFEST` or `ASTRID_BUILD`.
 */
export async function buildCapsule(
  powers: BuildPowers,
  folder: string,
  options: BuildOptions = {},
): Promise<Built> {
  const startMs = powers.clock.monotonicMs();
  const capsuleFolder = await realFolder(powers, folder);
  const { manifest, text } = await readManifest(powers.files, capsuleFolder);
  const wit = worldWit(interfacesOf(manifest.grants));
  const made =
    manifest.source === undefined
      ? await readComponent(powers, capsuleFolder, manifest.component ?? "")
      : await build(powers, await newJob(powers, capsuleFolder, manifest, options));
  const inputs = [
    { path: join(capsuleFolder, MANIFEST_NAME), sha256: sha256(text) },
    ...made.inputs,
  ];
  return { manifest, worldWit: wit, ...made, inputs, ms: powers.clock.monotonicMs() - startMs };
}

type Made = Pick<Built, "component" | "warnings" | "inputs">;

async function newJob(
  powers: BuildPowers,
  capsuleFolder: string,
  manifest: Manifest,
  options: BuildOptions,
): Promise<Job> {
  const interfaces = interfacesOf(manifest.grants);
  return {
    capsuleFolder,
    source: manifest.source ?? "",
    packageFolder: powers.host.packageFolder,
    sdkFolder: await powers.files.realpath(join(MODULE_FOLDER, "../sdk")),
    polyfillFolders: await polyfillFolders(powers),
    interfaces,
    worldWit: worldWit(interfaces),
    bounds: {
      deadlineMs: options.deadlineMs ?? limit("build-ms"),
      memoryMib: options.memoryMib ?? limit("build-memory-mib"),
    },
  };
}

/** The packages that the sdk takes Web globals from, which are direct dependencies of ours. */
const POLYFILLS = ["@ungap/structured-clone", "core-js-pure"] as const;

function polyfillFolders(powers: BuildPowers): Promise<string[]> {
  const { resolve } = createRequire(import.meta.url);
  return Promise.all(
    POLYFILLS.map((name) => powers.files.realpath(dirname(resolve(`${name}/package.json`)))),
  );
}

/** Runs one job in a process and a folder of its own; the folder is gone afterwards. */
async function build(powers: BuildPowers, job: Job): Promise<Made> {
  const { files, host } = powers;
  const folder = await files.realpath(
    await files.mkdtemp(join(host.temporaryFolder, "astrid-build-")),
  );
  try {
    await files.writeFile(join(folder, JOB_FILE), JSON.stringify(job));
    const { exitCode, errorText } = await runBounded(powers, {
      module: join(MODULE_FOLDER, "build", "child.js"),
      folder,
      bounds: job.bounds,
    });
    if (exitCode !== 0) failEnded(exitCode, errorText);
    const result = parseOurs<Result>(
      await files.readFile(join(folder, RESULT_FILE), "utf8"),
      RESULT_FILE,
    );
    if (!result.ok) failBuild(result.failure);
    const component = await readComponent(powers, folder, COMPONENT_FILE);
    return { ...component, warnings: result.warnings, inputs: result.inputs };
  } finally {
    await files.rm(folder, { recursive: true, force: true });
  }
}

function failBuild({ message, hints, isMemory }: Failure): never {
  if (!isMemory) fail("ASTRID_BUILD", message, { hints });
  const what = `the build went over its memory (build-memory-mib): ${message}`;
  fail("ASTRID_BUILD", what, { hints, limit: "build-memory-mib" });
}

function failEnded(exitCode: number | null, errorText: string): never {
  const how = exitCode === null ? "was killed" : `ended with exit code ${exitCode}`;
  const lines = errorText.split("\n").filter((line) => line.trim() !== "");
  const hints = lines.slice(0, 5).map((line) => escapeText(line, { lengthMax: 300 }));
  fail("ASTRID_BUILD", `the build process ${how}`, { hints });
}

async function readComponent(powers: BuildPowers, folder: string, name: string): Promise<Made> {
  const path = await powers.files.realpath(join(folder, name)).catch(() => join(folder, name));
  if (path !== join(folder, name)) {
    fail("ASTRID_BUILD", `${name} is reached by a link; components are not`);
  }
  const component = await readRegular(powers.files, path, {
    what: name,
    code: "ASTRID_BUILD",
    bytesMax: limit("component-bytes"),
  });
  return { component, warnings: [], inputs: [] };
}

async function realFolder(powers: BuildPowers, folder: string): Promise<string> {
  try {
    return await powers.files.realpath(folder);
  } catch (cause) {
    return fail("ASTRID_BUILD", "the capsule's folder is missing", { cause });
  }
}
