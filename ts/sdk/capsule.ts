import { AstridGuestError, asGuestError } from "./error.js";

/** A message as the guest contract hands it over. */
export interface RawMessage {
  readonly topic: string;
  /** JSON text. */
  readonly payload: string;
  readonly sender: string;
  readonly principal: string;
  readonly authority: string;
  readonly id: string;
}

/** What a handler is told beside its input; the kernel stamped all but the topic. */
export interface Context {
  /** Dotted topic, `tool.search` for example. */
  readonly topic: string;
  /** Capsule or uplink that sent the message. */
  readonly sender: string;
  /** For whom the capsule acts. */
  readonly principal: string;
  /** Id of the authority the message carries, 16 hexadecimal digits. */
  readonly authority: string;
  /** Correlation id, the same on all messages that answer or follow this one. */
  readonly id: string;
}

/** What a capsule does. */
export interface Definition<Input, Output> {
  /** Turns the parsed payload into an input, or throws; by default it is taken as it is. */
  readonly validate?: (value: unknown) => Input;
  /** Answers one message; `undefined` answers without a payload. */
  readonly handle: (input: Input, context: Context) => Output | Promise<Output>;
}

/** What a capsule's source exports. */
export interface Capsule {
  /** The guest contract's `handle`: JSON text in, JSON text or none out. */
  readonly handle: (message: RawMessage) => Promise<string | null>;
}

/**
 * A capsule from a typed handler: `export default defineCapsule({ handle(input) { … } })`.
 *
 * A thrown error ends the call as `guest-error` with its `code` (upper case, `E_CAPSULE` by
 * default) and message; one thrown by `validate` has `E_INPUT` by default, an answer without a
 * JSON form `E_OUTPUT`.
 */
export function defineCapsule<Input = unknown, Output = unknown>(
  definition: Definition<Input, Output>,
): Capsule {
  return {
    async handle({ payload, ...context }) {
      const input = validated(definition, payload);
      const output: unknown = await definition.handle(input, context);
      return output === undefined ? null : jsonOf(output);
    },
  };
}

/** The answer's text; none for what JSON leaves out. */
function jsonOf(output: unknown): string | null {
  try {
    return JSON.stringify(output) ?? null;
  } catch (thrown) {
    const { code, message } = asGuestError(thrown);
    if (code !== "E_CAPSULE") throw thrown;
    throw new AstridGuestError("E_OUTPUT", `the answer has no JSON form: ${message}`);
  }
}

function validated<Input>(definition: Definition<Input, unknown>, payload: string): Input {
  const value: unknown = JSON.parse(payload);
  if (definition.validate === undefined) return value as Input;
  try {
    return definition.validate(value);
  } catch (thrown) {
    const { code, message } = asGuestError(thrown);
    throw new AstridGuestError(code === "E_CAPSULE" ? "E_INPUT" : code, message);
  }
}
