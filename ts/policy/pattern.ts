import type { Grant, ResourceKind, VerbKinds } from "./grant.js";
import { isSurelyOrdinary } from "./protected.js";

/** A pattern of segments, cut. */
interface Steps {
  readonly root: string;
  readonly steps: readonly string[];
  /** Whether `**` ends it. */
  readonly open: boolean;
}

/**
 * Whether everything that `narrow` opens is opened by `wide` too. Sure when it says yes; a no may
 * be a yes, where protected names or several sets are concerned. It decides what a person is
 * asked, never what a capsule may do.
 */
export function covers(wide: Grant, narrow: Grant, kinds: VerbKinds): boolean {
  if (wide.verb !== narrow.verb) return false;
  switch (kinds.get(wide.verb)) {
    case "nothing":
      return true;
    case "key":
      return keyCovers(wide.pattern, narrow.pattern);
    case "path":
      return stepsCover(cutPath(wide.pattern), cutPath(narrow.pattern), isSurelyOrdinary);
    case "topic":
      return stepsCover(cutTopic(wide.pattern), cutTopic(narrow.pattern), () => true);
    case undefined:
      return false;
  }
}

/** The root of a path pattern with its `://`; empty when it has none. */
export function rootOf(pattern: string): string {
  return /^[a-z]+:\/\//.exec(pattern)?.[0] ?? "";
}

/** The names that a path pattern writes out. */
export function literalNames(pattern: string): readonly string[] {
  return cutPath(pattern)
    .steps.filter((step) => step !== "*")
    .flatMap(members);
}

/** What no literal of a pattern has: pattern characters and control characters. */
const UNWRITABLE = /[*{}?\p{Cc}]/u;

/** The narrowest pattern that opens a resource which the gate refused. */
export function literalPattern(kind: ResourceKind, resource: string): string {
  switch (kind) {
    case "nothing":
      return "";
    case "topic":
      return resource;
    case "key": {
      // What comes before the first of them can be written.
      const special = resource.search(UNWRITABLE);
      if (special >= 0) return `${resource.slice(0, special)}*`;
      return resource === "" ? "*" : resource;
    }
    case "path": {
      const root = rootOf(resource);
      const { steps, open } = cutPath(resource);
      const written = steps.map((step) => (UNWRITABLE.test(step) ? "*" : step));
      return root + [...written, ...(open ? ["**"] : [])].join("/");
    }
  }
}

function keyCovers(wide: string, narrow: string): boolean {
  if (!wide.endsWith("*")) return wide === narrow;
  return narrow.replace(/\*$/, "").startsWith(wide.slice(0, -1));
}

function cutPath(pattern: string): Steps {
  const root = rootOf(pattern);
  return cut(root, pattern.slice(root.length), "/");
}

function cutTopic(pattern: string): Steps {
  return cut("", pattern, ".");
}

function cut(root: string, text: string, separator: string): Steps {
  const steps = text === "" ? [] : text.split(separator);
  const open = steps.at(-1) === "**";
  return { root, steps: open ? steps.slice(0, -1) : steps, open };
}

/** `isOpened`: whether `*` and `**` open a name that is written out. */
function stepsCover(wide: Steps, narrow: Steps, isOpened: (name: string) => boolean): boolean {
  if (wide.root !== narrow.root) return false;
  if (narrow.steps.length < wide.steps.length) return false;
  if (!wide.open && (narrow.open || narrow.steps.length > wide.steps.length)) return false;
  return narrow.steps.every((step, at) => {
    const outer = wide.steps[at] ?? "*";
    if (outer === "*") return step === "*" || members(step).every(isOpened);
    const names = members(outer);
    return step !== "*" && members(step).every((name) => names.includes(name));
  });
}

function members(step: string): readonly string[] {
  return step.startsWith("{") && step.endsWith("}") ? step.slice(1, -1).split(",") : [step];
}
