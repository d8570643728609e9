import { execFileSync } from "node:child_process";
import { linkSync, symlinkSync } from "node:fs";

import type { Scene } from "../ts/kernel/scene.js";

/** Things of every kind in the workspace. */
export async function everyKind(scene: Scene): Promise<void> {
  await scene.write("workspace/a", "a");
  await scene.write("workspace/.env", "secret");
  await scene.write("workspace/folder/B", "1");
  await scene.write("workspace/folder/a", "12");
  await scene.write("workspace/folder/ä", "123");
  await scene.write("workspace/folder/inner/f", "x");
  await scene.write("outside/f", "x");
  linkSync(scene.path("outside/f"), scene.path("workspace/hard"));
  symlinkSync("a", scene.path("workspace/link"));
  symlinkSync("folder", scene.path("workspace/linked"));
  execFileSync("mkfifo", [scene.path("workspace/pipe")]);
}
