import type { InterfaceName } from "../grants.js";

/** The package of the guest contract, with its version. */
export const CONTRACT = { name: "astrid:capsule", version: "0.1.0" } as const;

/** The world's name; `componentize` asks for it. */
export const WORLD_NAME = "capsule";

/** The specifier of an interface as components name it. */
export function importSpecifier(name: string): string {
  return `${CONTRACT.name}/${name}@${CONTRACT.version}`;
}

/** A WIT world that exports the handler and imports exactly these interfaces. */
export function worldWit(interfaces: readonly InterfaceName[]): string {
  const imports = interfaces.map((name) => `  import ${name};\n`).join("");
  return `package ${CONTRACT.name}@${CONTRACT.version};

/// Made from the grants of a manifest.
world ${WORLD_NAME} {
  include handler;
${imports}}
`;
}
