import { fail } from "../base/errors.js";
import { limit } from "../base/limits.js";
import type { Clock } from "../base/powers.js";
import { asking } from "../native/errors.js";
import type { NativeKernel } from "../native.js";
import { type Tree, treeOf } from "./checkpoint.js";
import type { Signer } from "./signer.js";

/** What signing a log while it is written takes. */
export interface CheckpointParts {
  readonly native: Pick<NativeKernel, "checkpoint" | "appendCheckpoint" | "record">;
  readonly signer: Signer;
  readonly clock: Pick<Clock, "later">;
  /** Is given each note that is on disk. */
  readonly onNote: (note: string) => void;
  /** Is told when signing fails, once until it works again. */
  readonly onFailure: (cause: unknown) => void;
}

/** Signs the log each second in which it grew, and when it is stopped. */
export class Checkpoints {
  readonly #parts: CheckpointParts;
  #signedSize = 0n;
  #last: Tree | undefined;
  /** The last one that was begun: there is never more than one at a time. */
  #running: Promise<void> = Promise.resolve();
  #isFailing = false;
  #isStopped = false;
  /** Whether the log may take no more records. */
  #isClosing = false;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
  }

  /** What was on disk when it was last looked at; none before. */
  get last(): Tree | undefined {
    return this.#last;
  }

  /** Begins; it keeps no process alive. */
  start(): void {
    this.#parts.clock.later(limit("audit-checkpoint-ms"), () => {
      if (this.#isStopped) return;
      void this.#attempt().then(() => this.start());
    });
  }

  /** Signs what is on disk now, unless that was done. Fails with the codes of log and signer. */
  make(): Promise<void> {
    const made = this.#running.then(() => this.#make());
    this.#running = made.catch(() => undefined);
    return made;
  }

  /**
   * Lets `close` close the log. Ends the epoch before if it is time, as many short runs must not
   * stay in one for ever; signs the rest after. Fails as `close` and `make`.
   */
  async around(close: () => Promise<void>): Promise<void> {
    if (this.#parts.signer.isEpochOver()) await this.#attempt();
    this.#isClosing = true;
    try {
      await close();
      await this.make();
    } finally {
      this.#isStopped = true;
    }
  }

  async #attempt(): Promise<void> {
    try {
      await this.make();
      this.#isFailing = false;
    } catch (cause) {
      if (!this.#isFailing) this.#parts.onFailure(cause);
      this.#isFailing = true;
    }
  }

  async #make(): Promise<void> {
    const { native, signer, onNote } = this.#parts;
    const { origin, size, root } = await asking(() => native.checkpoint());
    if (origin !== signer.origin) fail("ASTRID_AUDIT_KEY", "the keys are of another log");
    const tree = treeOf(size, root);
    this.#last = tree;
    if (size !== this.#signedSize) {
      const note = await signer.sign(tree);
      await asking(() => native.appendCheckpoint(note));
      this.#signedSize = size;
      onNote(note);
    }
    // Also of a log that rests: its key is as old as that of any other.
    if (this.#isClosing || !signer.isEpochOver()) return;
    await signer.renew(tree, (certificate) =>
      asking(() => native.record("key.epoch", certificate)),
    );
  }
}
