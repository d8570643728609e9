import { dirname, join } from "node:path";

import { type Files, nodePowers } from "../../../ts/base/powers.js";

const { files, host } = nodePowers();

/** A temporary folder with these files; `await using` removes it. */
export async function temporaryFolder(
  content: Readonly<Record<string, string | Uint8Array>>,
): Promise<TemporaryFolder> {
  const path = await files.realpath(
    await files.mkdtemp(join(host.temporaryFolder, "astrid-test-")),
  );
  const folder = new TemporaryFolder(files, path);
  for (const [name, text] of Object.entries(content)) await folder.write(name, text);
  return folder;
}

/** A folder that lasts as long as its test. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;
  readonly #files: Files;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** Writes a file, with the folders above it. */
  async write(name: string, text: string | Uint8Array): Promise<void> {
    const path = join(this.path, name);
    await this.#files.mkdir(dirname(path), { recursive: true });
    await this.#files.writeFile(path, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files.rm(this.path, { recursive: true, force: true });
  }
}

/** A manifest for `src/index.ts` with these lines under `[grants]`. */
export function manifest(...grants: string[]): string {
  return [
    'manifest = 1\nname = "test"\nversion = "0.1.0"\nsource = "src/index.ts"\n[grants]',
    ...grants,
    "",
  ].join("\n");
}
