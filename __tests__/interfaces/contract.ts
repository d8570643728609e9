import { join } from "node:path";

import { powers } from "../ts/kernel/scene.js";

/** A function of the guest contract: `kv.get`, `fs.file.read-stream`. */
export interface ContractFunction {
  readonly name: string;
  readonly interface: string;
  /** Its documentation, in one line. */
  readonly doc: string;
}

const { files, host } = powers;
const FOLDER = join(host.packageFolder, "wit");

const INTERFACE = /^interface ([\w-]+) \{$/;
const RESOURCE = /^ {2}resource ([\w-]+) \{$/;
const FUNCTION = /^ +%?([\w-]+): (?:async )?(?:static )?func\(/;

/** Every imported function of `wit/`, in order. */
export async function contractFunctions(): Promise<ContractFunction[]> {
  const names = (await files.readdir(FOLDER)).filter((name) => name.endsWith(".wit")).sort();
  const texts = await Promise.all(names.map((name) => files.readFile(join(FOLDER, name), "utf8")));
  return texts.flatMap(functionsOf);
}

function functionsOf(text: string): ContractFunction[] {
  const found: ContractFunction[] = [];
  let owner = "";
  let resource = "";
  let doc = "";
  for (const line of text.split("\n")) {
    owner = INTERFACE.exec(line)?.[1] ?? owner;
    resource = RESOURCE.exec(line)?.[1] ?? (line === "  }" ? "" : resource);
    const name = FUNCTION.exec(line)?.[1];
    if (name !== undefined) {
      const path = [owner, resource, name].filter((part) => part !== "").join(".");
      found.push({ name: path, interface: owner, doc });
    }
    const comment = /^ *\/\/\/ ?(.*)$/.exec(line)?.[1];
    doc = comment === undefined ? "" : `${doc} ${comment}`.trim();
  }
  return found;
}
