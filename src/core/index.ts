export {
  type CheckpointContext,
  type CheckpointOptions,
  checkpoints,
} from './features/checkpoints/checkpoints.ts';
export { drop } from './features/drop/drop.ts';
export type { Policy as DropPolicy } from './features/drop/victims.ts';
export { type Batch, type BatchOptions, batch } from './features/flows/batch.ts';
export { enqueueFlow, type Flow, type FlowAnswer, type FlowStep } from './features/flows/enqueue-flow.ts';
export type {} from './features/flows/flow-row.ts';
export { flows } from './features/flows/flows.ts';
export type { BatchCounts, PutBatchRequest } from './features/flows/messages.ts';
export type { FlowOptions, FlowSpec, OnDependencyDeath } from './features/flows/options.ts';
export type {} from './features/gates/doors.ts';
export type { Gate } from './features/gates/gate.ts';
export { gates } from './features/gates/gates.ts';
export type { KeyOptions } from './features/keys/key-options.ts';
export { keys } from './features/keys/keys.ts';
export { type LimitedOptions, limits } from './features/limits/limits.ts';
export type { LimitOptions, NameLimits } from './features/limits/name-limits.ts';
export type {} from './features/limits/rate-rows.ts';
export type { Rate } from './features/limits/rate-setting.ts';
export type {} from './features/limits/waits.ts';
export { type LogOptions, log } from './features/log/log.ts';
export type { LogAnswer, LogEntry, LogRequest, Transition } from './features/log/messages.ts';
export { type ReadLogOptions, readLog } from './features/log/read-log.ts';
export type { Attempt, EnqueueCall, EnqueueChange, EnqueueResult } from './features/middleware/calls.ts';
export type { Middleware } from './features/middleware/layers.ts';
export { middleware } from './features/middleware/middleware.ts';
export { owner } from './features/owner/owner.ts';
export type { Keep, KeepRules } from './features/results/keep-rules.ts';
export { type PruneAnswer, type PruneRequest, prune } from './features/results/prune.ts';
export { result } from './features/results/result.ts';
export type { ResultOptions } from './features/results/result-row.ts';
export { type ResultsOptions, results } from './features/results/results.ts';
export {
  declareSchedules,
  listSchedules,
  pauseSchedule,
  putSchedule,
  removeSchedule,
  resumeSchedule,
  triggerSchedule,
} from './features/schedules/calls.ts';
export {
  type ScheduleDefinition,
  type ScheduledOptions,
  type ScheduleOf,
  schedule,
} from './features/schedules/definition.ts';
export type * from './features/schedules/messages.ts';
export type { PutAnswer } from './features/schedules/part.ts';
export {
  type CronFunction,
  type EveryOptions,
  every,
  type Recurrence,
} from './features/schedules/recurrence.ts';
export type {} from './features/schedules/schedule-row.ts';
export { type SchedulesOptions, schedules } from './features/schedules/schedules.ts';
export { schema } from './features/schema/schema.ts';
export * from './kernel/errors.ts';
export type {
  Backoff,
  CarriedOptions,
  Durability,
  Job,
  JobError,
  JobFacts,
  JobId,
  JobOverrides,
  JobState,
  JobTypes,
  OnDuplicate,
  OnLaneDeath,
  Priority,
} from './kernel/job.ts';
export type * from './kernel/messages.ts';
export type {
  Hint,
  Lives,
  Store,
  StoreHealth,
  StoreNotice,
  Transact,
  Transaction,
} from './kernel/store.ts';
export { type Abandoned, abandon } from './operations/abandon.ts';
export { workers } from './operations/active-workers.ts';
export type { BulkOptions, BulkProgress, BulkResult, Items } from './operations/bulk.ts';
export { cancel } from './operations/cancel.ts';
export { type ClearFilter, clear } from './operations/clear.ts';
export { count } from './operations/count.ts';
export type { DeadFilter, SweepOptions } from './operations/dead-letters.ts';
export { type EditOptions, edit } from './operations/edit.ts';
export { enqueueMany } from './operations/enqueue-many.ts';
export { explain } from './operations/explain.ts';
export { type ExportedItem, type ExportedJob, exportJobs } from './operations/export-jobs.ts';
export { get } from './operations/get.ts';
export { hold } from './operations/hold.ts';
export { type JobFilter, type ListOptions, list, listAll } from './operations/list.ts';
export type { NameMeasures, Percentiles } from './operations/measures.ts';
export { pause, resume } from './operations/pause.ts';
export { type Prepared, prepare } from './operations/prepare.ts';
export { type Purged, type PurgeOptions, purge } from './operations/purge.ts';
export { type ReadyOptions, ready } from './operations/ready.ts';
export { type RedrivenMany, type RedriveOptions, redrive, redriveMany } from './operations/redrive.ts';
export { type RemovedMany, remove, removeMany } from './operations/remove.ts';
export { type RetryNowFilter, retryNow } from './operations/retry-now.ts';
export { type NameStats, type QueueStats, stats } from './operations/stats.ts';
export { type Watched, watch } from './operations/watch.ts';
export { type Bound, withOperations } from './operations/with-operations.ts';
export type { Handle } from './queue/context.ts';
export { createQueue } from './queue/create-queue.ts';
export {
  type Definitions,
  defineJobs,
  type JobDefinition,
  type JobOf,
  type JobOptions,
  job,
  type ParsedOf,
  type PayloadOf,
  type ResultOf,
} from './queue/definitions.ts';
export type { EventName, HeldJob, QueueEvents } from './queue/emitter.ts';
export type { EnqueueItem } from './queue/enqueue-item.ts';
export type { EnqueueOptions, EnqueueOptionsWith } from './queue/enqueue-options.ts';
export { type Environment, systemEnvironment } from './queue/environment.ts';
export type { Feature, OptionsOf } from './queue/feature.ts';
export type { Logger } from './queue/logger.ts';
export type { Queue } from './queue/queue.ts';
export type { QueueLimits } from './queue/queue-limits.ts';
export type { Callable, Caller, PublicOperation } from './queue/queue-operation.ts';
export type { QueueOptions } from './queue/queue-options.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './queue/schema.ts';
export type { Storable } from './queue/storable.ts';
export type { Upcast } from './queue/upcast.ts';
export {
  type DeserializedError,
  deserializeError,
  type SerializedError,
  serializeError,
} from './remote/error.ts';
export {
  type Exposable,
  type Exposed,
  type ExposeOptions,
  expose,
  type Permit,
} from './remote/expose.ts';
export type { CallMessage, Reply } from './remote/messages.ts';
export { NotPermittedError } from './remote/not-permitted.ts';
export { pulling } from './remote/pulling.ts';
export type { Send } from './remote/remote-line.ts';
export { type RemoteQueueOptions, remoteQueue } from './remote/remote-queue.ts';
export type { SetTimer } from './timer.ts';
export { defaultBackoff, exponential, fixed, linear } from './work/backoffs.ts';
export type { Handler, HandlerContext, Handlers } from './work/handler.ts';
export { type ResponseLike, throwForStatus } from './work/http.ts';
export { type SendOptions, send } from './work/send.ts';
export { drain, work } from './work/work.ts';
export type { Drained, DrainOptions, Worker, WorkerOptions } from './work/worker-options.ts';
