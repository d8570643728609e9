export { type Capsule, type Context, type Definition, defineCapsule } from "./capsule.js";
export { AstridGuestError, type Refusal } from "./error.js";
