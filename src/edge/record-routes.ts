import type { PutBatchRequest } from '../core/features/flows/messages.ts';
import type {
  FireAnswer,
  FireRequest,
  PutSchedulesAnswer,
  PutSchedulesRequest,
} from '../core/features/schedules/messages.ts';
import { removingSchedule } from '../core/features/schedules/operations.ts';
import type { BatchCounts, Schedule } from '../core/index.ts';
import { placeOfBatch } from './place-jobs.ts';
import { byObject, grouped, type Route, settled } from './route.ts';

interface OfId {
  readonly id: string;
}

/** A batch and its jobs lie in one object: where its id leads to, or led to before. */
export const putBatch: Route<PutBatchRequest, void> = async (call, args) =>
  call.ask(await placeOfBatch(call, args.id), args);

export const closeBatch: Route<OfId, boolean> = async (call, args) =>
  call.ask(await placeOfBatch(call, args.id), args);

export const countBatch: Route<OfId, BatchCounts | undefined> = async (call, args) =>
  call.ask(await placeOfBatch(call, args.id), args);

/** A schedule lies where its id leads to, and no longer where it led to before. */
export const putSchedules: Route<PutSchedulesRequest, PutSchedulesAnswer> = async (call, { schedules }) => {
  const { shards, places } = call;
  const answers = await settled(
    [...byObject(schedules, ({ id }) => shards.ofId(id))].map(([object, indexes]) =>
      call.ask(object, { schedules: indexes.map((i) => schedules[i] as (typeof schedules)[number]) }),
    ),
  );
  for (const { id } of schedules)
    for (const object of shards.former)
      if (object !== shards.ofId(id)) await places.ask(object, removingSchedule, { id });
  return {
    changed: answers.some(({ changed }) => changed),
    dropped: answers.flatMap(({ dropped }) => dropped),
  };
};

export const removeSchedule: Route<OfId, boolean> = async (call, args) =>
  (await call.all(args)).includes(true);

export const listSchedules: Route<object, readonly Schedule[]> = async (call, args) =>
  (await call.all(args)).flat().sort((a, b) => (a.id < b.id ? -1 : 1));

/** One that lies elsewhere is `stale` there: its own object fires it. */
export const fire: Route<FireRequest, readonly FireAnswer[]> = (call, { firings }) =>
  grouped(
    firings,
    ({ id }) => call.shards.ofId(id),
    (object, part) => call.ask(object, { firings: part }),
  );
