import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Kernel } from "../ts/index.js";
import { buildPrograms, type Programs } from "./build.js";
import { type FloorsAddon, loadFloors } from "./floors.js";

/** What the benches share: a kernel in a home of its own, the capsule they call, the floors. */
export interface Stage {
  readonly kernel: Kernel;
  readonly component: Uint8Array;
  /** The component's file, for programs. */
  readonly componentFile: string;
  readonly programs: Programs;
  readonly floors: FloorsAddon;
}

/** Builds it all in a folder for temporary files, hands it to `work`, and removes the folder. */
export async function withStage<T>(root: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "astrid-bench-"));
  try {
    const programs = await buildPrograms(root, folder);
    await using kernel = await Kernel.open({ home: join(folder, "home"), instances: 100 });
    const { component } = await kernel.prepare(join(root, "benches/capsules/worker"));
    const componentFile = join(folder, "worker.wasm");
    await writeFile(componentFile, component);
    const floors = loadFloors(programs.floors);
    return await work({ kernel, component, componentFile, programs, floors });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
