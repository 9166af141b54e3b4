export { type QueueClientOptions, type QueueNamespace, queueClient } from './create-queue-client.ts';
export {
  type DurableObjectQueue,
  type DurableObjectQueueOptions,
  durableObjectQueue,
  type OnAlarmOptions,
} from './durable-object-queue.ts';
export { type HttpFrontOptions, httpFront, type Permission } from './http-front.ts';
export type { CorsOptions } from './http-front-cors.ts';
export type {
  ExtendOptions,
  PullConsumer,
  Pulled,
  PulledJob,
  PullOptions,
  PullOutcome,
  PullSettlement,
} from './pull.ts';
export type { QueueCall, QueueReply } from './queue-call.ts';
export type { ClientDrainOptions, QueueClient } from './queue-client.ts';
export { type ServeOptions, serveQueue } from './serve.ts';
export type { ShardOptions } from './shards.ts';
export {
  type AlarmInfo,
  type AlarmStorage,
  type AlarmUser,
  SharedAlarm,
  type SharedAlarmOptions,
} from './shared-alarm.ts';
