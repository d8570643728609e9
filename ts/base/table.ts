import { createRequire } from "node:module";

// Not an `import … with { type: "json" }`: Node 20 prints a warning for it.
const require = createRequire(import.meta.url);

/** What a file of `tables/` holds, as `Rows`; Rust reads the same files. */
export function readTable<Rows>(name: "errors" | "limits" | "protected"): Rows {
  return require(`../../tables/${name}.json`) as Rows;
}
