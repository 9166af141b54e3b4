export {
  type DurableObjectQueue,
  type DurableObjectQueueOptions,
  durableObjectQueue,
  type OnAlarmOptions,
} from './durable-object-queue.ts';
export {
  type AlarmInfo,
  type AlarmStorage,
  type AlarmUser,
  SharedAlarm,
  type SharedAlarmOptions,
} from './shared-alarm.ts';
