import { contextOf, type Handle } from '../../queue/context.ts';
import type { Definitions } from '../../queue/definitions.ts';
import type { Queue } from '../../queue/queue.ts';
import { callable } from '../../queue/queue-operation.ts';
import type { ScheduleDefinition, ScheduleOf } from './definition.ts';
import type { Schedule } from './messages.ts';
import { listingSchedules, removingSchedule } from './operations.ts';
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
