/** The interfaces of `wit/` that a grant can open. */
export const INTERFACES = ["clock", "config", "fs", "ipc", "kv", "log", "random"] as const;

/** One of the interfaces that a grant can open. */
export type InterfaceName = (typeof INTERFACES)[number];

/** What a verb opens, and whether its grant lists patterns or is `true`. */
interface VerbRow {
  readonly opens: InterfaceName;
  readonly resource: boolean;
}

/** The verbs a manifest can ask for. */
export const VERBS = {
  "clock.read": { opens: "clock", resource: false },
  "config.read": { opens: "config", resource: true },
  "fs.read": { opens: "fs", resource: true },
  "fs.write": { opens: "fs", resource: true },
  "ipc.publish": { opens: "ipc", resource: true },
  "kv.read": { opens: "kv", resource: true },
  "kv.write": { opens: "kv", resource: true },
  "log.write": { opens: "log", resource: false },
  "random.read": { opens: "random", resource: false },
} as const satisfies Record<string, VerbRow>;

/** One of the verbs a manifest can ask for. */
export type Verb = keyof typeof VERBS;

/** All verbs, in byte order. */
export const VERB_NAMES = Object.keys(VERBS) as readonly Verb[];

/** What a manifest asks for: patterns for a verb with resources, `true` for one without. */
export type Grants = { readonly [V in Verb]?: true | readonly string[] };

/** The interfaces that these grants open, in byte order: the imports of the capsule's world. */
export function interfacesOf(grants: Grants): readonly InterfaceName[] {
  const asked = new Set(VERB_NAMES.filter((verb) => verb in grants).map((v) => VERBS[v].opens));
  return INTERFACES.filter((name) => asked.has(name));
}

/** The verbs that open an interface, in byte order. */
export function verbsOf(name: InterfaceName): readonly Verb[] {
  return VERB_NAMES.filter((verb) => VERBS[verb].opens === name);
}
