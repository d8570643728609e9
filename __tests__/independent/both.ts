// The product's verifier and the one beside this file, asked the same and held to the same answer.
import { expect } from "@jest/globals";

import { keptOf } from "../../ts/audit/notes-file.js";
import type { Home } from "../ts/audit/home.js";

/** What both say of a log: what it holds, or the code of what is wrong and each one's words. */
export interface Said {
  readonly code?: string;
  readonly messages?: readonly [product: string, independent: string];
  readonly records?: bigint;
  readonly anchored?: bigint;
  readonly signed?: bigint;
  readonly tornBytes?: bigint;
}

interface Independent {
  verifyLog(folder: string, options: object): Omit<Said, "tornBytes"> & { tornBytes: number };
}

/** Where the independent verifier stands. */
export const FOLDER = new URL("../../../__tests__/independent/", import.meta.url);

/** A module of the independent verifier, which is plain JavaScript and isn't compiled. */
export async function independent<T>(name: string): Promise<T> {
  return import(new URL(name, FOLDER).href);
}

const { verifyLog } = await independent<Independent>("./verify.js");

/** What both say of this home's log, given notes and a fingerprint that were kept. */
export async function verifyBoth(
  home: Home,
  notes: readonly string[] = [],
  fingerprint?: string,
): Promise<Said> {
  const anchors = notes.map((note) => Buffer.from(note));
  const product = await outcomeOf(() => home.verify(anchors.map(keptOf), fingerprint));
  const own = await outcomeOf(() => verifyLog(home.path(""), { anchors, fingerprint }));
  const { message = "", ...said } = product;
  const { message: other = "", ...same } = own;
  expect(same).toEqual(said);
  return said.code === undefined ? said : { ...said, messages: [message, other] };
}

type Outcome = Said & { readonly message?: string };

async function outcomeOf(verify: () => unknown): Promise<Outcome> {
  try {
    const { records, anchored, signed, tornBytes } = (await verify()) as Required<Said>;
    return { records, anchored, signed, tornBytes: BigInt(tornBytes) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code?.startsWith("ASTRID_AUDIT_") !== true) throw error;
    return { code, message };
  }
}
