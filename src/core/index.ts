export * from './kernel/errors.ts';
export type {
  Backoff,
  CarriedOptions,
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
} from './kernel/job.ts';
export type * from './kernel/messages.ts';
export type { EnqueueStore, Hint, JobStore, StoreNotice } from './kernel/store.ts';
export type { Batch, BatchOptions } from './operations/batches.ts';
export type {
  DeadFilter,
  RedrivenMany,
  RedriveOptions,
  RemovedMany,
  SweepOptions,
} from './operations/ended-jobs.ts';
export type { ExportedItem, ExportedJob, Purged, PurgeOptions } from './operations/estate.ts';
export type { NameStats, QueueStats } from './operations/looking.ts';
export type { NameMeasures, Percentiles } from './operations/measures.ts';
export { type RetryNowFilter, retryNow } from './operations/retry-now.ts';
export type { PutAnswer, Schedules } from './operations/schedules.ts';
export type { BulkOptions, BulkProgress, BulkResult, Items } from './queue/bulk.ts';
export {
  createEnqueuer,
  type Enqueuer,
  type EnqueuerEvent,
  type EnqueuerOptions,
} from './queue/create-enqueuer.ts';
export { createQueue } from './queue/create-queue.ts';
export {
  type Definitions,
  defineJobs,
  type Gate,
  type JobDefinition,
  type JobOptions,
  job,
  type ParsedOf,
  type PayloadOf,
} from './queue/definitions.ts';
export type { EventName, HeldJob, QueueEvents } from './queue/emitter.ts';
export type { EnqueueOptions } from './queue/enqueue-options.ts';
export { type Environment, systemEnvironment } from './queue/environment.ts';
export type { Flow, FlowAnswer, FlowStep } from './queue/flow.ts';
export type { IntakeOptions } from './queue/intake-options.ts';
export type { KeepOptions } from './queue/keep-options.ts';
export type {
  Attempt,
  EnqueueCall,
  EnqueueChange,
  EnqueueResult,
  Middleware,
} from './queue/middleware.ts';
export type {
  ClearFilter,
  EnqueueItem,
  JobFilter,
  ListOptions,
  Prepared,
  Queue,
  QueueOptions,
} from './queue/queue.ts';
export type { QueueLimits } from './queue/queue-limits.ts';
export { type CronFunction, type EveryOptions, every, type Recurrence } from './queue/recurrence.ts';
export type { ReadyOptions } from './queue/room.ts';
export {
  type ScheduleDefinition,
  type ScheduledOptions,
  type ScheduleOf,
  schedule,
} from './queue/schedule-definition.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './queue/schema.ts';
export type { Upcast } from './queue/upcast.ts';
export {
  type DeserializedError,
  deserializeError,
  type SerializedError,
  serializeError,
} from './remote/error.ts';
export type { SetTimer } from './timer.ts';
export { defaultBackoff, exponential, fixed, linear } from './work/backoffs.ts';
export type { Handler, HandlerContext, Handlers } from './work/handler.ts';
export { type ResponseLike, throwForStatus } from './work/http.ts';
export { type SendOptions, send } from './work/send.ts';
export type { Drained, DrainOptions, Worker, WorkerOptions } from './work/worker-options.ts';
