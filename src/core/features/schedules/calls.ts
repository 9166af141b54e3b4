import { contextOf, type Handle } from '../../queue/context.ts';
import type { Definitions } from '../../queue/definitions.ts';
import type { Queue } from '../../queue/queue.ts';
import { callable } from '../../queue/queue-operation.ts';
import type { ScheduleDefinition, ScheduleOf } from './definition.ts';
import type { Schedule, TriggerAnswer } from './messages.ts';
import { listingSchedules, pausingSchedule, removingSchedule, triggeringSchedule } from './operations.ts';
import { type PutAnswer, Schedules } from './part.ts';
import { servingSchedules } from './served-schedules.ts';

/**
 * Stores a schedule, or changes the one with this id: its next tick moves only if the recurrence has changed. Workers that handle its job fire it,
 * in contexts that use `schedules`. When the recurrence changes, ticks that were due and not fired are dropped: they are returned, and emitted as `schedule:skipped`.
 *
 * @example
 * await putSchedule(queue, 'cleanup', { recurrence: every(3_600_000), name: 'cleanup', payload: {} });
 *
 * @throws as `enqueue` does, and InvalidOptionError beyond 1,000 schedules in a queue
 */
export const putSchedule = /* @__PURE__ */ callable(
  [servingSchedules],
  async <Jobs extends Definitions, Options extends object = object>(
    queue: Queue<Jobs, Options>,
    id: string,
    schedule: ScheduleOf<Jobs, NoInfer<Options>>,
  ): Promise<PutAnswer> =>
    contextOf(queue)
      .part(Schedules)
      .put(id, schedule as ScheduleDefinition),
);

/**
 * Removes a schedule; its jobs stay. A declared schedule comes back with the next worker that declares it.
 *
 * @example
 * await removeSchedule(queue, 'cleanup');
 *
 * @returns whether it was there
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const removeSchedule = /* @__PURE__ */ callable(
  [removingSchedule],
  async (queue: Handle, id: string): Promise<boolean> => queue.call(removingSchedule, { id }),
);

/**
 * Pauses a schedule: no worker fires its ticks until `resumeSchedule`; its jobs stay. It stays paused when it is put or declared again. Ticks that pass meanwhile
 * follow its `missed` policy.
 *
 * @example
 * await pauseSchedule(queue, 'cleanup');
 *
 * @returns whether it was there
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const pauseSchedule = /* @__PURE__ */ callable(
  [pausingSchedule],
  async (queue: Handle, id: string): Promise<boolean> => queue.call(pausingSchedule, { id, paused: true }),
);

/**
 * Ends a `pauseSchedule`.
 *
 * @example
 * await resumeSchedule(queue, 'cleanup');
 *
 * @returns whether it was there
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const resumeSchedule = /* @__PURE__ */ callable(
  [pausingSchedule],
  async (queue: Handle, id: string): Promise<boolean> => queue.call(pausingSchedule, { id, paused: false }),
);

/**
 * Enqueues a job of the schedule now, also if it is paused. Its next tick stays where it is. Returns `overlap` if the schedule has `overlap: false` and its
 * last job has not ended.
 *
 * @example
 * await triggerSchedule(queue, 'cleanup');
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const triggerSchedule = /* @__PURE__ */ callable(
  [triggeringSchedule],
  async (queue: Handle, id: string): Promise<TriggerAnswer> =>
    queue.call(triggeringSchedule, { id, run: contextOf(queue).environment.id() }),
);

/**
 * Returns the schedules of a queue, in order of their ids.
 *
 * @example
 * for (const { id, nextAt } of await listSchedules(queue)) console.log(id, nextAt);
 *
 * @throws StoreError, StoreClosedError
 */
export const listSchedules = /* @__PURE__ */ callable(
  [listingSchedules],
  async (queue: Handle): Promise<readonly Schedule[]> => queue.call(listingSchedules, {}),
);

/**
 * Stores the schedules that were given to `schedules`. A worker does so when it starts: call this where no worker starts.
 *
 * @example
 * await declareSchedules(queue);
 *
 * @throws as `putSchedule` does
 */
export const declareSchedules = /* @__PURE__ */ callable(
  [servingSchedules],
  async (queue: Handle): Promise<void> => contextOf(queue).part(Schedules).declare(),
);
