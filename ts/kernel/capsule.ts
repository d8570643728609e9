import { fail } from "../base/errors.js";
import type { Json } from "../base/json.js";
import { limit } from "../base/limits.js";
import type { Random } from "../base/powers.js";
import type { NativeKernel, NativeLoaded } from "../native.js";
import type { Plan } from "../policy/plan.js";
import type { Calls } from "./calls.js";
import type { Identity } from "./identity.js";
import { type CallOptions, withinLimit } from "./options.js";
import { type CallResult, toResult } from "./result.js";

/** What a loaded capsule is made of. */
export interface CapsuleParts {
  readonly native: Pick<NativeKernel, "call" | "cancel" | "unload">;
  readonly loaded: NativeLoaded;
  readonly identity: Identity;
  readonly plan: Plan;
  readonly random: Random;
  readonly calls: Calls;
}

const ID_BYTES = 16;

/** A loaded capsule. Called as often as one likes; each call has its own fuel and deadline. */
export class Capsule {
  readonly #parts: CapsuleParts;
  #isClosed = false;

  /** Made by `Kernel.load`. */
  constructor(parts: CapsuleParts) {
    this.#parts = parts;
  }

  /** Its name, without who vouches for it. */
  get name(): string {
    return this.#parts.identity.name;
  }

  /** `name@source`. */
  get identity(): string {
    return `${this.#parts.identity.name}@${this.#parts.identity.source}`;
  }

  /** BLAKE3 of the component, hexadecimal. */
  get digest(): string {
    return this.#parts.loaded.digest;
  }

  /** Whether the compiled code came from the cache. */
  get isCached(): boolean {
    return this.#parts.loaded.cached;
  }

  /** Id of its authority, 16 hexadecimal digits. */
  get authority(): string {
    return this.#parts.loaded.authority;
  }

  /** What it asked for and what it got. */
  get plan(): Plan {
    return this.#parts.plan;
  }

  /**
   * Sends one message and resolves with how it ended; an outcome never throws.
   *
   * Fails with `ASTRID_INPUT` (not JSON, or over its bounds), `ASTRID_USAGE` (an option out of
   * range), `ASTRID_INVALID` (not a topic), `ASTRID_KERNEL_CLOSED`, `ASTRID_BUSY`.
   */
  async call<Output extends Json = Json>(
    input: Json,
    options: CallOptions = {},
  ): Promise<CallResult<Output>> {
    const { native, loaded, random, calls } = this.#parts;
    if (this.#isClosed) fail("ASTRID_CLOSED", `${this.name} was closed`);
    const { signal } = options;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      fail("ASTRID_USAGE", "signal must be an AbortSignal");
    }
    const message = {
      topic: options.topic ?? "run",
      payload: toPayload(input),
      sender: options.sender ?? "library",
      id: Buffer.from(random.bytes(ID_BYTES)).toString("hex"),
      fuel: fuelOf(options.fuel),
      deadlineMs: withinLimit("deadline-ms", options.deadlineMs),
    };
    const { token, ended } = calls.start((token) => native.call(loaded.id, { ...message, token }));
    if (signal === undefined) return toResult(await ended) as CallResult<Output>;
    const cancel = (): void => native.cancel(token);
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    try {
      return toResult(await ended) as CallResult<Output>;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Ends its idle instances; running calls end by themselves. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.native.unload(this.#parts.loaded.id);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The message's payload; the addon checks its bounds. */
function toPayload(input: Json): string {
  let text: unknown;
  try {
    text = JSON.stringify(input);
  } catch (cause) {
    return fail("ASTRID_INPUT", `the input has no JSON form: ${(cause as Error).message}`, {
      cause,
    });
  }
  return typeof text === "string" ? text : fail("ASTRID_INPUT", "the input has no JSON form");
}

function fuelOf(fuel: bigint | number | undefined): bigint {
  if (fuel === undefined) return BigInt(limit("fuel"));
  return BigInt(withinLimit("fuel", Number(fuel)));
}
