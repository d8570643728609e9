import type { KernelOptions } from "../kernel/options.js";
import type { Context } from "./context.js";
import type { Arguments } from "./flags.js";

/** Instances that one run needs: the one that answers, and room to replace it. */
const INSTANCES = 2;

/** The kernel that a run's flags ask for; what it tells is printed for people. */
export function kernelOptions({ print }: Context, args: Arguments): KernelOptions {
  const home = args.text("home");
  return {
    ...(home === undefined ? {} : { home }),
    instances: INSTANCES,
    witnesses: [
      ...args.texts("witness").map((file) => ({ file })),
      ...args.texts("witness-command").map((program) => ({ command: [program] as const })),
    ],
    onLine: ({ capsule, level, text }) =>
      print.line(`${level} ${capsule}: ${text}`, level === "error" ? "red" : "plain"),
    onPublish: ({ capsule, topic, payload }) =>
      print.line(`published ${capsule}: ${topic} ${JSON.stringify(payload)}`),
    onProblem: ({ kind, verb, cause }) => print.line(problem(kind, verb, cause), "yellow"),
  };
}

function problem(kind: string, verb: string | undefined, cause: unknown): string {
  if (kind === "checkpoint") return `the log can't be signed: ${(cause as Error).message}`;
  if (kind === "witness") return (cause as Error).message;
  return `the service of ${verb}: ${kind}`;
}
