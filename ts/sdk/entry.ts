import type { RawMessage } from "./capsule.js";
import { errorRecord } from "./error.js";
import { beginMessage } from "./message.js";
import "./math-random.js";

/** What the source of a capsule exports; `handle` alone is a mistake that is told. */
export interface AuthorModule {
  readonly default?: unknown;
  readonly handle?: unknown;
}

/** What a source has to end with. */
const FORM = "export default defineCapsule({ handle(input) { … } })";

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
  const handle = exported?.handle;
  if (typeof handle === "function") return handle as Handle;
  const found = "handle" in author ? "handle is exported by itself" : "no capsule is exported";
  throw new TypeError(`${found}; write ${FORM}`);
}
