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
 * Stores a schedule, or changes the one of this id: its next tick moves only if the recurrence is another. Workers fire it that handle its job,
 * in contexts that use `schedules`. Ticks that were due by a recurrence which is changed, and not fired, are dropped: they are returned, and `schedule:skipped` has them.
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
 * Removes a schedule; its jobs stay. One that is declared comes back with the next worker that declares it.
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
 * Nobody fires the ticks of a schedule until `resumeSchedule`; its jobs stay. It is still paused when it is put or declared again. What becomes of the ticks
 * that pass meanwhile, its `missed` says.
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
 * Enqueues a job of the schedule now, also of one that is paused. Its next tick stays where it is. `overlap` when the schedule has `overlap: false` and its
 * last job is live.
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
 * The schedules of a queue, in order of their ids.
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
 * Stores the schedules that `schedules` was given. A worker does so when it starts: call it where none starts.
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
