export { parseManifest } from "./manifest/parse.js";
export { MANIFEST_NAME, type ReadManifest, readManifest } from "./manifest/read.js";
export type { Manifest } from "./manifest/schema.js";
