import { logLine } from "../audit/anchors.js";
import type { Tree } from "../audit/checkpoint.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Context } from "./context.js";

/**
 * What a verb with a kernel shows last. Made before the kernel, it ends after it: only a closed log
 * has its last size and root, and whoever keeps them, a terminal or the log of a build, is a
 * witness.
 */
export class Ending implements Disposable {
  readonly #print: Context["print"];
  kernel: Kernel | undefined;
  /** Shows how the call ended; also when the log couldn't be closed well. */
  show: (log: Tree | undefined) => void = () => undefined;

  constructor({ print }: Context) {
    this.#print = print;
  }

  [Symbol.dispose](): void {
    const log = this.kernel?.log;
    this.show(log);
    if (log !== undefined) this.#print.line(logLine(log), "dim");
  }
}
