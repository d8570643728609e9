import { wellFormed } from "./well-formed.js";

/** What the kernel says of a request that the gate refused. */
export interface Refusal {
  /** The verb that was asked for, `fs.read` for example. */
  readonly verb: string;
  /** The resource as this capsule named it. */
  readonly resource: string;
  /** Number of the record, by which the person finds the rule. */
  readonly number: number;
}

/** Codes of a capsule's own errors. */
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const DEFAULT_CODE = "E_CAPSULE";
/** In UTF-16 units; a message is a sentence. */
const MESSAGE_LENGTH_MAX = 4096;

/** A failed call of the host, or an error that a capsule answers with; match `code`. */
export class AstridGuestError extends Error {
  override readonly name = "AstridGuestError";
  /** `ASTRID_…` from the host; a capsule's own codes are upper case, `E_INPUT` for example. */
  readonly code: string;
  /** Present exactly when the gate refused. */
  readonly refusal: Refusal | null;

  constructor(code: string, message: string, refusal: Refusal | null = null) {
    super(message);
    this.code = CODE.test(code) ? code : DEFAULT_CODE;
    this.refusal = refusal;
  }
}

/** The error record of the guest contract. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly refusal: Refusal | null;
}

/** Any thrown value as the record that ends a call; also one that throws when looked at. */
export function errorRecord(thrown: unknown): ErrorRecord {
  try {
    const { code, message, refusal } = asGuestError(thrown);
    return { code, message: wellFormed(message.slice(0, MESSAGE_LENGTH_MAX)), refusal };
  } catch {
    return { code: DEFAULT_CODE, message: "what was thrown can't be read", refusal: null };
  }
}

/** Any thrown value as an `AstridGuestError`: the host throws records, or errors that carry one. */
export function asGuestError(thrown: unknown): AstridGuestError {
  if (thrown instanceof AstridGuestError) return thrown;
  const record = payloadOf(thrown);
  const code = textOf(record, "code") ?? DEFAULT_CODE;
  const message = textOf(record, "message") ?? String(thrown);
  return new AstridGuestError(code, message, refusalOf(record));
}

/** Calls the host; what it throws comes as an `AstridGuestError`. */
export function call<T>(host: () => T): T {
  try {
    return host();
  } catch (thrown) {
    throw asGuestError(thrown);
  }
}

/** `call`, whose failure names what it was about: `workspace://a: no such file`. */
export function callOn<T>(subject: string, host: () => T): T {
  try {
    return host();
  } catch (thrown) {
    const { code, message, refusal } = asGuestError(thrown);
    throw new AstridGuestError(code, `${subject}: ${message}`, refusal);
  }
}

/** A future of the host, as far as waiting for it goes. */
export interface HostFuture<T> {
  read(): Promise<{ tag: "ok"; val: T } | { tag: "err"; val: ErrorRecord }>;
  /** Gives the handle up. */
  drop(): void;
}

/** Waits for a future of the host; its error comes as an `AstridGuestError`. */
export async function settled<T>(future: HostFuture<T>): Promise<T> {
  try {
    const result = await future.read();
    if (result.tag === "err") throw asGuestError(result.val);
    return result.val;
  } finally {
    // Its handle is not collected as garbage: without this an instance runs out of them.
    future.drop();
  }
}

function payloadOf(thrown: unknown): unknown {
  const inner = field(thrown, "payload");
  return typeof inner === "object" && inner !== null ? inner : thrown;
}

function refusalOf(record: unknown): Refusal | null {
  const refusal = field(record, "refusal");
  const verb = textOf(refusal, "verb");
  const resource = textOf(refusal, "resource");
  const number = field(refusal, "number");
  if (verb === undefined || resource === undefined || typeof number !== "number") return null;
  return { verb, resource, number };
}

function textOf(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === "string" ? text : undefined;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
