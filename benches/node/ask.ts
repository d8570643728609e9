import type { CallResult, Capsule } from "../../ts/index.js";
import type { Task } from "../capsules/worker/src/index.js";

/** A call that ended well. */
export type Answered = Extract<CallResult, { readonly outcome: "done" }>;

/** Calls the capsule of the benches; a call that doesn't end well ends the bench. */
export async function ask(capsule: Capsule, task: Task): Promise<Answered> {
  const result = await capsule.call(task);
  if (result.outcome === "done") return result;
  throw new Error(`the capsule ended with ${result.outcome}: ${result.error.message}`);
}

/** What the capsule asks for beyond what every capsule may have. */
export const GRANTS = ["ipc.publish=bench.**"] as const;
