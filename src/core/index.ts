export * from './errors.ts';
export type {
  Backoff,
  Job,
  JobError,
  JobFacts,
  JobOverrides,
  JobState,
  OnDependencyDeath,
  OnDuplicate,
  OnFull,
  OnLaneDeath,
  Priority,
  Rate,
  Tick,
} from './job.ts';
export type * from './messages.ts';
export { defaultBackoff, exponential, fixed, linear } from './runtime/backoffs.ts';
export type { Batch, BatchOptions } from './runtime/batches.ts';
export type { BulkOptions, BulkProgress, BulkResult, Items } from './runtime/bulk.ts';
export {
  createEnqueuer,
  type Enqueuer,
  type EnqueuerEvent,
  type EnqueuerOptions,
} from './runtime/create-enqueuer.ts';
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
export type { EventName, HeldJob, QueueEvents } from './runtime/emitter.ts';
export type {
  DeadFilter,
  RedrivenMany,
  RedriveOptions,
  RemovedMany,
  SweepOptions,
} from './runtime/ended-jobs.ts';
export type { EnqueueOptions } from './runtime/enqueue-options.ts';
export { type Environment, systemEnvironment } from './runtime/environment.ts';
export type { ExportedItem, ExportedJob, Purged, PurgeOptions } from './runtime/estate.ts';
export type { Flow, FlowAnswer, FlowStep } from './runtime/flow.ts';
export type { Handler, HandlerContext, Handlers } from './runtime/handler.ts';
export { type ResponseLike, throwForStatus } from './runtime/http.ts';
export type { IntakeOptions } from './runtime/intake-options.ts';
export type { KeepOptions } from './runtime/keep-options.ts';
export type { NameStats, QueueStats } from './runtime/looking.ts';
export type { NameMeasures, Percentiles } from './runtime/measures.ts';
export type {
  Attempt,
  EnqueueCall,
  EnqueueChange,
  EnqueueResult,
  Middleware,
} from './runtime/middleware.ts';
export type {
  ClearFilter,
  EnqueueItem,
  JobFilter,
  ListOptions,
  Prepared,
  Queue,
  QueueOptions,
} from './runtime/queue.ts';
export type { QueueLimits } from './runtime/queue-limits.ts';
export { type CronFunction, type EveryOptions, every, type Recurrence } from './runtime/recurrence.ts';
export { type RetryNowFilter, retryNow } from './runtime/retry-now.ts';
export type { ReadyOptions } from './runtime/room.ts';
export {
  type ScheduleDefinition,
  type ScheduledOptions,
  type ScheduleOf,
  schedule,
} from './runtime/schedule-definition.ts';
export type { PutAnswer, Schedules } from './runtime/schedules.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './runtime/schema.ts';
export { type SendOptions, send } from './runtime/send.ts';
export type { Upcast } from './runtime/upcast.ts';
export type { Drained, DrainOptions, Worker, WorkerOptions } from './runtime/worker-options.ts';
export type { EnqueueStore, Hint, JobStore, StoreNotice } from './store.ts';
export type { SetTimer } from './timer.ts';
