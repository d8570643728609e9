import { AstridError, fail, isAstridError } from "../../base/errors.js";
import { limit } from "../../base/limits.js";
import { tellProgram } from "./command.js";
import { appendNote } from "./file.js";
import { nameOf, type Witness, type WitnessPowers } from "./witness.js";

/** What telling the witnesses of one log takes. */
export interface WitnessParts {
  readonly powers: WitnessPowers;
  readonly home: string;
  readonly witnesses: readonly Witness[];
  /** Is told when a witness can't be told, once until it can again. */
  readonly onFailure: (cause: AstridError) => void;
}

/** One witness, which hears of one checkpoint at a time. */
interface Hearer {
  readonly witness: Witness;
  /** What it hears next: the newest, which stands for all before it. */
  next: string | undefined;
  running: Promise<void> | undefined;
  isFailing: boolean;
}

/** Tells others of each checkpoint. Nothing waits for them but a stop, and that is bounded. */
export class Witnesses {
  readonly #parts: WitnessParts;
  readonly #hearers: readonly Hearer[];

  /** Fails with `ASTRID_USAGE` for more than `audit-witnesses`. */
  constructor(parts: WitnessParts) {
    const { witnesses } = parts;
    const most = limit("audit-witnesses");
    if (witnesses.length > most) {
      fail("ASTRID_USAGE", `a log has at most ${most} witnesses`, { limit: "audit-witnesses" });
    }
    this.#parts = parts;
    this.#hearers = witnesses.map((witness) => {
      return { witness, next: undefined, running: undefined, isFailing: false };
    });
  }

  /** Has every witness told of this checkpoint, and returns at once. */
  tell(note: string): void {
    for (const hearer of this.#hearers) {
      hearer.next = note;
      hearer.running ??= this.#run(hearer).finally(() => {
        hearer.running = undefined;
      });
    }
  }

  /** Resolves when every witness was told of the last checkpoint, or can't be. */
  async settled(): Promise<void> {
    await Promise.all(this.#hearers.map(({ running }) => running));
  }

  async #run(hearer: Hearer): Promise<void> {
    while (hearer.next !== undefined) {
      const note = hearer.next;
      hearer.next = undefined;
      try {
        await this.#hand(hearer.witness, note);
        hearer.isFailing = false;
      } catch (caught) {
        const isFirst = !hearer.isFailing;
        hearer.isFailing = true;
        if (isFirst) this.#parts.onFailure(failureOf(hearer.witness, caught));
      }
    }
  }

  #hand(witness: Witness, note: string): Promise<void> {
    const { powers, home } = this.#parts;
    return "file" in witness
      ? appendNote(powers, { file: witness.file, home, note })
      : tellProgram(powers, witness.command, note);
  }
}

function failureOf(witness: Witness, caught: unknown): AstridError {
  const { code, message } = caught as NodeJS.ErrnoException;
  const why = isAstridError(caught) ? message : `can't be written (${code ?? message})`;
  return new AstridError("ASTRID_AUDIT_WITNESS", `witness ${nameOf(witness)} ${why}`, {
    cause: caught,
  });
}
