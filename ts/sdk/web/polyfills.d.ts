// Neither package brings types for what we use of it.
declare module "@ungap/structured-clone" {
  export type Records = readonly unknown[];
  export function serialize(value: unknown): Records;
  export function deserialize(records: Records): unknown;
}
declare module "core-js-pure/actual/url/index.js" {
  const polyfill: typeof URL;
  export = polyfill;
}
declare module "core-js-pure/actual/url-search-params/index.js" {
  const polyfill: typeof URLSearchParams;
  export = polyfill;
}
