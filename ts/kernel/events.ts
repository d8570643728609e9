import { type AstridError, isAstridError } from "../base/errors.js";
import { asking } from "../native/errors.js";
import type { NativeAbout, NativeKernel } from "../native.js";
import type { Grant } from "../policy/grant.js";
import type { Question } from "./options.js";
import type { Prepared } from "./prepare.js";

/** Whose event it is. */
export interface Subject {
  readonly capsule?: Prepared;
  readonly principal?: string;
}

/** What the log learns of decisions that are not made by its own gate. */
export class Events {
  readonly #native: Pick<NativeKernel, "record">;

  constructor(native: Pick<NativeKernel, "record">) {
    this.#native = native;
  }

  /** Records rights that a person approved; on disk when it resolves, and not given if it fails. */
  async approved(subject: Subject, grants: readonly Grant[]): Promise<void> {
    await this.#granted(subject, grants, "approved by a person");
  }

  /** Records rights that will be given whenever they are asked for again. */
  async remembered({ capsule, principal, missing }: Question): Promise<void> {
    await this.#granted({ capsule, principal }, missing, "approved by a person from now on");
  }

  /** What `act` resolves with; if it fails, a capsule was not loaded, and that is recorded. */
  async refusing<T>(subject: Subject, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      const refused = isAstridError(cause) ? (cause as AstridError).code : "ASTRID_INTERNAL";
      // Who asked learns the reason also when the log can't be written.
      await this.#record("capsule.load", "", { ...about(subject), refused }).catch(() => undefined);
      throw cause;
    }
  }

  async #granted(subject: Subject, grants: readonly Grant[], rule: string): Promise<void> {
    const given = { ...about(subject), isGranted: true, rule };
    // Together: one sync serves all of them.
    await Promise.all(
      grants.map(({ verb, pattern }) => this.#record("grant.change", pattern, { ...given, verb })),
    );
  }

  async #record(kind: string, resource: string, event: NativeAbout): Promise<void> {
    await asking(() => this.#native.record(kind, resource, event));
  }
}

function about({ capsule, principal }: Subject): NativeAbout {
  return {
    ...(principal === undefined ? {} : { principal }),
    ...(capsule === undefined
      ? {}
      : { capsule: `${capsule.name}@${capsule.source}`, component: capsule.digest }),
  };
}
