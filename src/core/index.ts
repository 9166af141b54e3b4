export * from './errors.ts';
export type { Backoff, Job, JobError, JobOverrides, JobState, OnDuplicate, Priority } from './job.ts';
export type * from './messages.ts';
export { defaultBackoff, exponential, fixed, linear } from './runtime/backoffs.ts';
export { createQueue } from './runtime/create-queue.ts';
export {
  type Definitions,
  defineJobs,
  type Gate,
  type JobDefinition,
  type JobOptions,
  job,
  type ParsedOf,
  type PayloadOf,
} from './runtime/definitions.ts';
export type { EventName, QueueEvents } from './runtime/emitter.ts';
export type { EnqueueOptions } from './runtime/enqueue-options.ts';
export { type Environment, systemEnvironment } from './runtime/environment.ts';
export type { Handler, HandlerContext, Handlers } from './runtime/handler.ts';
export { type ResponseLike, throwForStatus } from './runtime/http.ts';
export type { EnqueueItem, ListOptions, Prepared, Queue, QueueOptions } from './runtime/queue.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './runtime/schema.ts';
export type { Drained, DrainOptions, Worker, WorkerOptions } from './runtime/worker-options.ts';
export type { Hint, JobStore } from './store.ts';
