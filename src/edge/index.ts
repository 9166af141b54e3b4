export { type AdminAction, type AdminFrontOptions, adminFront } from './admin-front.ts';
export { type QueueClientOptions, type QueueNamespace, queueClient } from './create-queue-client.ts';
export { type DrainObjectsOptions, drainObjects } from './draining.ts';
export {
  type DurableObjectQueue,
  type DurableObjectQueueOptions,
  durableObjectQueue,
  type OnAlarmOptions,
} from './durable-object-queue.ts';
export { type HttpFrontOptions, httpFront, type Permission } from './http-front.ts';
export type { CorsOptions } from './http-front-cors.ts';
export { type HttpHostOptions, httpHost } from './http-host.ts';
export { type HttpQueueOptions, httpQueue } from './http-queue.ts';
export { type QueueCall, type QueueReply, type ServeOptions, serveQueue } from './serve.ts';
export type { QueueObject } from './sharded-line.ts';
export type { ShardOptions } from './shards.ts';
export {
  type AlarmInfo,
  type AlarmStorage,
  type AlarmUser,
  SharedAlarm,
  type SharedAlarmOptions,
} from './shared-alarm.ts';
