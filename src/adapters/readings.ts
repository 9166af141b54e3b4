import {
  type Definitions,
  get,
  type JobId,
  type JobOf,
  type ListAnswer,
  type ListOptions,
  list,
  type Queue,
  redrive,
  remove,
} from '../core/index.ts';
import type { HandleOf } from '../core/queue/context.ts';
import { type Live, live } from './live.ts';

/** Which of the dead jobs: as `list` takes it, but for the state. */
export type DeadOptions<Name extends string = string> = Omit<ListOptions<Name>, 'state'>;

/** One job. Without an id there is nothing to read. */
export const liveJob = <Jobs extends Definitions, Name extends keyof Jobs & string>(
  queue: HandleOf<Jobs>,
  id: string | JobId<Name> | undefined,
): Live<JobOf<Jobs, Name>> =>
  live(queue, id === undefined ? undefined : () => get<Jobs, Name>(queue, id) as Promise<JobOf<Jobs, Name>>);

/** A page of jobs. */
export const liveJobs = <Jobs extends Definitions, Name extends keyof Jobs & string>(
  queue: HandleOf<Jobs>,
  options: ListOptions<Name>,
): Live<ListAnswer<JobOf<Jobs, Name>>> => live(queue, () => list<Jobs, Name>(queue, options));

/** What can be done with a dead job: the functions of the same names, which reject as those do. */
export interface DeadLetterActions {
  readonly redrive: (id: string) => ReturnType<typeof redrive>;
  readonly remove: (id: string) => ReturnType<typeof remove>;
}

export const deadLetterActions = <Jobs extends Definitions>(queue: HandleOf<Jobs>): DeadLetterActions => ({
  redrive: (id) => redrive(queue as unknown as Queue, id),
  remove: (id) => remove(queue, id),
});
