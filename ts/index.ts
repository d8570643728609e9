// What a program that embeds the kernel imports.

export type { Tree } from "./audit/checkpoint.js";
export type { AuditRecord, RecordFilter, RecordOptions } from "./audit/query.js";
export type { Witness } from "./audit/witness/witness.js";
export {
  AstridError,
  type ErrorCategory,
  type ErrorCode,
  type ErrorDetails,
  isAstridError,
} from "./base/errors.js";
export type { Json, JsonObject } from "./base/json.js";
export type { Approvals } from "./kernel/approvals.js";
export type { Capsule } from "./kernel/capsule.js";
export { Kernel } from "./kernel/kernel.js";
export { type LogOptions, readLog } from "./kernel/log.js";
export type {
  CallOptions,
  KernelOptions,
  LoadOptions,
  Planned,
  Question,
} from "./kernel/options.js";
export type { Prepared } from "./kernel/prepare.js";
export {
  type CallFailure,
  type CallRefusal,
  type CallResult,
  OUTCOMES,
  type Outcome,
  type Usage,
} from "./kernel/result.js";
export type { Workspace } from "./kernel/workspace.js";
export type { Grant } from "./policy/grant.js";
export type { Plan, PlannedGrant, PlannedRequest, Standing } from "./policy/plan.js";
export type { LogLine } from "./services/port.js";
export type { Published, PublishListener } from "./services/publications.js";
export type { Service, ServiceCall, ServiceProblem, Services } from "./services/service.js";
