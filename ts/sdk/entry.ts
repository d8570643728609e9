import type { RawMessage } from "./capsule.js";
import { errorRecord } from "./error.js";
import { beginMessage } from "./message.js";
import "./math-random.js";

/** What the source of a capsule may export: a capsule as default, or the contract's `handle`. */
export interface AuthorModule {
  readonly default?: unknown;
  readonly handle?: unknown;
}

type Handle = (message: RawMessage) => unknown;

/** The component's `handle`, made from the author's module; the build calls it. */
export function entry(author: AuthorModule): (message: RawMessage) => Promise<string | null> {
  const handle = handleOf(author);
  return async (message) => {
    beginMessage(message);
    try {
      const answer = await handle(message);
      return answer === undefined ? null : (answer as string | null);
    } catch (thrown) {
      // A thrown Error would end the instance; a rejected record is the contract's error.
      return Promise.reject(errorRecord(thrown));
    }
  };
}

function handleOf(author: AuthorModule): Handle {
  const exported = author.default as { readonly handle?: unknown } | null | undefined;
  const handle = exported?.handle ?? author.handle;
  if (typeof handle !== "function") {
    throw new TypeError("the source must export default defineCapsule({ handle(input) { … } })");
  }
  return handle as Handle;
}
