import { AstridError, isAstridError, isErrorCode } from "../base/errors.js";

/** What the addon threw, as an `AstridError`: `ASTRID_INTERNAL` without a code of the table. */
export function fromNative(caught: unknown): AstridError {
  if (isAstridError(caught)) return caught;
  const { code, message } = caught as { code?: unknown; message?: unknown };
  const text = typeof message === "string" ? message : String(caught);
  const known = typeof code === "string" && isErrorCode(code) ? code : "ASTRID_INTERNAL";
  return new AstridError(known, text, { cause: caught });
}

/** What `act` returns; what it throws or rejects with becomes an `AstridError`. */
export async function asking<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (caught) {
    throw fromNative(caught);
  }
}
