/** A build that can't be done; its message is all that a person needs, on one or more lines. */
export class BuildError extends Error {
  name = "BuildError";
}
