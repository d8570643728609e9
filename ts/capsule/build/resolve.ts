import { isBuiltin } from "node:module";
import { join, sep } from "node:path";

import { INTERFACES, type InterfaceName, verbsOf } from "../grants.js";
import type { Job } from "./job.js";
import { CONTRACT, importSpecifier } from "./world.js";

/** The specifier of the sdk, and the prefix of its parts. */
export const SDK = "astrid-native/sdk";

/** Where an import leads: a file, something the host provides, or nowhere. */
export type Target =
  | { readonly file: string }
  | { readonly external: string }
  | { readonly refused: string; readonly hint?: string }
  | { readonly search: true };

/** What an import's text alone says; `search` leaves it to the bundler's module lookup. */
export function classify(specifier: string, job: Job): Target {
  if (specifier.startsWith(`${CONTRACT.name}/`)) return contractTarget(specifier, job);
  if (specifier === SDK || specifier.startsWith(`${SDK}/`)) return sdkTarget(specifier, job);
  if (specifier.startsWith("node:")) return NODE;
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) {
    return { refused: `${shown(specifier)}: only files of the capsule can be imported, no URLs` };
  }
  if (/^[/\\]/.test(specifier)) {
    return { refused: `${shown(specifier)}: an import can't be an absolute path` };
  }
  return { search: true };
}

const NODE: Target = {
  refused: "a capsule has no Node modules",
  hint: `the host's services are in ${SDK}/${INTERFACES.join(", ")}`,
};

/** Why nothing was found under a specifier. */
export function notFound(specifier: string): Target {
  return isBuiltin(specifier) ? NODE : { refused: `${shown(specifier)} is not found` };
}

/** Whether a real path lies in a folder, itself a real path. */
export function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** A specifier as it stands in messages. */
export function shown(specifier: string): string {
  return JSON.stringify(specifier);
}

function contractTarget(specifier: string, job: Job): Target {
  const [name = "", version = CONTRACT.version] = specifier
    .slice(CONTRACT.name.length + 1)
    .split("@");
  if (!isInterface(name) || version !== CONTRACT.version) {
    return { refused: `${shown(specifier)} is not an interface of this version` };
  }
  return ungranted(name, specifier, job) ?? { external: importSpecifier(name) };
}

function sdkTarget(specifier: string, job: Job): Target {
  const part = specifier === SDK ? "index" : specifier.slice(SDK.length + 1);
  if (part !== "index" && part !== "entry" && !isInterface(part) && !/^web\/[a-z-]+$/.test(part)) {
    return {
      refused: `${shown(specifier)} is not a part of the sdk`,
      hint: `its parts are ${INTERFACES.join(", ")}`,
    };
  }
  const refused = isInterface(part) ? ungranted(part, specifier, job) : undefined;
  return refused ?? { file: join(job.sdkFolder, `${part}.js`) };
}

function ungranted(name: InterfaceName, specifier: string, job: Job): Target | undefined {
  if (job.interfaces.includes(name)) return undefined;
  const verbs = verbsOf(name).map((verb) => `"${verb}"`);
  return {
    refused: `${shown(specifier)} needs the grant ${verbs.join(" or ")}`,
    hint: `add it to [grants] in Capsule.toml: ${verbs[0]} = …`,
  };
}

function isInterface(name: string): name is InterfaceName {
  return (INTERFACES as readonly string[]).includes(name);
}
