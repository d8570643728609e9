import { fail } from "../base/errors.js";
import { readRegular } from "../base/files.js";
import type { JsonObject } from "../base/json.js";
import { limit } from "../base/limits.js";
import type { Powers } from "../base/powers.js";
import { buildCapsule } from "../capsule/build.js";
import { buildCached } from "../capsule/cache.js";
import type { Manifest } from "../capsule/manifest.js";
import { asking } from "../native/errors.js";
import type { Grant } from "../policy/grant.js";
import { type Addon, openAddon } from "./addon.js";
import { checkGrant } from "./grants.js";
import { homePath, knownBuildFolder } from "./home.js";
import { fileIdentity, folderIdentity, type Identity } from "./identity.js";
import { requestsOfImports, requestsOfManifest } from "./requests.js";
import { resolveSource, type Source } from "./source.js";

/** A capsule that is ready to be loaded: its bytes, who it is and what it asks for. */
export interface Prepared extends Identity {
  readonly component: Uint8Array;
  /** BLAKE3 of the component, hexadecimal. */
  readonly digest: string;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly requests: readonly Grant[];
  /** The settings of its manifest. */
  readonly config: JsonObject;
  /** Absent for a bare component. */
  readonly manifest?: Manifest;
  /** What the build had to say. */
  readonly warnings: readonly string[];
  /** Whether the component was built just now. */
  readonly isBuilt: boolean;
}

/** What preparing takes. */
export interface Preparing {
  readonly powers: Powers;
  readonly addon: Addon;
  /** Folder of the kernel's own for built components; without one every source is built anew. */
  readonly cacheFolder?: string;
}

/**
 * Finds, and where needed builds, the capsule that `source` names (a folder, a `.wasm` file or a
 * shipped capsule), or takes a component's bytes. Runs nothing of it outside the build's sandbox.
 *
 * Fails with `ASTRID_NOT_FOUND`, `ASTRID_MANIFEST`, `ASTRID_BUILD`, `ASTRID_NOT_A_COMPONENT`.
 */
export async function prepare(
  preparing: Preparing,
  source: string | Uint8Array,
): Promise<Prepared> {
  if (typeof source !== "string") return prepareComponent(preparing, source, "component");
  const resolved = await resolveSource(preparing.powers, source);
  if (resolved.kind === "folder") return prepareFolder(preparing, resolved);
  const component = await readRegular(preparing.powers.files, resolved.file, {
    what: source,
    code: "ASTRID_NOT_A_COMPONENT",
    bytesMax: limit("component-bytes"),
  });
  return prepareComponent(preparing, component, resolved.file);
}

/**
 * `prepare` without a kernel, for what a run with this home would find there: makes no home, and
 * builds anew where there is none. Errors as `prepare`.
 */
export async function examine(powers: Powers, source: string, home?: string): Promise<Prepared> {
  const cacheFolder = await knownBuildFolder(powers, homePath(powers, home));
  const addon = openAddon(powers);
  return prepare({ powers, addon, ...(cacheFolder === undefined ? {} : { cacheFolder }) }, source);
}

async function prepareComponent(
  { addon }: Preparing,
  component: Uint8Array,
  file: string,
): Promise<Prepared> {
  const outside = await inspect(addon, component);
  return {
    ...fileIdentity(outside.digest, file),
    ...outside,
    component,
    requests: requestsOfImports(outside.imports),
    config: {},
    warnings: [],
    isBuilt: false,
  };
}

async function prepareFolder(
  preparing: Preparing,
  source: Extract<Source, { kind: "folder" }>,
): Promise<Prepared> {
  const { addon } = preparing;
  const { manifest, component, warnings, isBuilt } = await build(preparing, source.folder);
  const requests = requestsOfManifest(manifest.grants);
  for (const request of requests) {
    try {
      checkGrant(addon, request);
    } catch (cause) {
      fail("ASTRID_MANIFEST", `Capsule.toml: ${(cause as Error).message}`, { cause });
    }
  }
  return {
    ...folderIdentity(addon.native, source, manifest.name),
    ...(await inspect(addon, component)),
    component,
    warnings,
    isBuilt,
    requests,
    config: manifest.config,
    manifest,
  };
}

type Built = Pick<Prepared, "component" | "warnings" | "isBuilt"> & { readonly manifest: Manifest };

/** The component of a folder: from the cache if nothing changed, else built and remembered. */
async function build({ powers, cacheFolder }: Preparing, folder: string): Promise<Built> {
  if (cacheFolder === undefined) {
    return { ...(await buildCapsule(powers, folder)), isBuilt: true };
  }
  await powers.files.mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  const { isCached, ...built } = await buildCached(powers, folder, { cacheFolder });
  return { ...built, isBuilt: !isCached };
}

async function inspect(
  { native }: Addon,
  component: Uint8Array,
): Promise<Pick<Prepared, "digest" | "imports" | "exports">> {
  return asking(() => native.inspect(component));
}
