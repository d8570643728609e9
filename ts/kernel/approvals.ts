import { join } from "node:path";
import { writePrivate } from "../base/atomic.js";
import { readRegular } from "../base/files.js";
import type { Powers } from "../base/powers.js";
import type { Native } from "../native.js";
import { formatGrant } from "../policy/grant.js";
import type { Events } from "./events.js";
import type { Question } from "./options.js";

const APPROVAL_BYTES_MAX = 1024 * 1024;

/** What remembering takes. */
export interface Taking {
  readonly powers: Powers;
  readonly native: Pick<Native, "digest">;
  readonly events: Pick<Events, "remembered">;
}

/** What people approved, remembered in the home. */
export class Approvals {
  readonly #taking: Taking;
  readonly #folder: string;

  /** `folder` is made when the first approval is stored. */
  constructor(taking: Taking, folder: string) {
    this.#taking = taking;
    this.#folder = folder;
  }

  /** Whether exactly this was approved before. What can't be read was not. */
  async has(question: Question): Promise<boolean> {
    const text = canonical(question);
    try {
      const bytes = await readRegular(this.#taking.powers.files, this.#path(text), {
        what: "the approval",
        code: "ASTRID_IO",
        bytesMax: APPROVAL_BYTES_MAX,
      });
      return Buffer.from(text).equals(bytes);
    } catch {
      return false;
    }
  }

  /** Remembers that exactly this was approved; first in the log. */
  async add(question: Question): Promise<void> {
    const text = canonical(question);
    await this.#taking.events.remembered(question);
    await writePrivate(this.#taking.powers, this.#path(text), text);
  }

  #path(text: string): string {
    return join(this.#folder, `${this.#taking.native.digest(Buffer.from(text))}.json`);
  }
}

/**
 * One text for all that a person said yes to, so that a changed byte of any of it asks again; only
 * the order in which rights are asked for means nothing.
 */
function canonical({ capsule, principal, missing, workspace }: Question): string {
  const subject = {
    approval: 1,
    capsule: `${capsule.name}@${capsule.source}`,
    digest: capsule.digest,
    principal,
    grants: missing.map(formatGrant).sort(),
    workspace: workspace ?? null,
  };
  return `${JSON.stringify(subject, undefined, 2)}\n`;
}
