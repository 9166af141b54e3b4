/** A queue in React: hooks that show it and enqueue to it. Nothing is read on a server, or by what is not mounted. */
import { useMemo, useSyncExternalStore } from 'react';
import {
  type Counts,
  type Definitions,
  type JobId,
  type JobOf,
  type ListAnswer,
  type ListOptions,
  type Queue,
  watch,
} from '../../core/index.ts';
import type { HandleOf, HasContext } from '../../core/queue/context.ts';
import { type EnqueueCall, type EnqueueState, enqueuing, IDLE } from '../enqueuing.ts';
import { type Live, PENDING, type Reading } from '../live.ts';
import {
  type DeadLetterActions,
  type DeadOptions,
  deadLetterActions,
  liveJob,
  liveJobs,
} from '../readings.ts';

export type { DeadLetterActions, DeadOptions, EnqueueCall, EnqueueState, Reading };

const nothing = () => undefined;
const pending = () => PENDING;
const idle = () => IDLE;

const useLive = <Value>({ subscribe, getSnapshot }: Live<Value>): Reading<Value> =>
  useSyncExternalStore(subscribe, getSnapshot, pending);

/**
 * How many jobs there are in each state, live. Undefined until they were read first, and on a server.
 *
 * @example
 * const counts = useCounts(queue);
 * return <span>{counts?.pending} to send</span>;
 */
export function useCounts(queue: HasContext): Counts | undefined {
  const { subscribe, getSnapshot } = watch(queue);
  return useSyncExternalStore(subscribe, getSnapshot, nothing);
}

/**
 * One job, live. An `id` that `enqueue` returned tells its types. Without an `id` nothing is read.
 *
 * @example
 * const { data: job, isPending } = useJob(queue, id);
 * if (job === undefined) return isPending ? null : 'done'; // a job that completed is gone
 */
export function useJob<
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(queue: HandleOf<Jobs>, id: string | JobId<Name> | undefined): Reading<JobOf<Jobs, Name>> {
  return useLive(useMemo(() => liveJob(queue, id), [queue, id]));
}

/**
 * A page of jobs, live, as `list` returns it. Jobs in which nothing is different are the same objects as before.
 *
 * @example
 * const { data } = useJobs(queue, { state: 'pending', name: 'note.push' });
 * return data?.jobs.map((job) => <li key={job.id}>{job.payload.id}</li>);
 */
export function useJobs<
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(queue: HandleOf<Jobs>, options: ListOptions<Name>): Reading<ListAnswer<JobOf<Jobs, Name>>> {
  const key = JSON.stringify(options);
  return useLive(useMemo(() => liveJobs<Jobs, Name>(queue, JSON.parse(key)), [queue, key]));
}

/**
 * The jobs that failed for good, live.
 *
 * @example
 * const { data, redrive } = useDeadLetters(queue);
 * return data?.jobs.map(({ id, errors }) => <button onClick={() => redrive(id)}>{errors.at(-1)?.message}: try again</button>);
 */
export function useDeadLetters<
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: DeadOptions<Name> = {},
): Reading<ListAnswer<JobOf<Jobs, Name>>> & DeadLetterActions {
  const reading = useJobs<Jobs, Name>(queue, { ...options, state: 'dead' });
  const actions = useMemo(() => deadLetterActions(queue), [queue]);
  return { ...reading, ...actions };
}

/**
 * Enqueues jobs of one name, and says what became of the last call. `enqueue` is the same function each time.
 *
 * @example
 * const { enqueue, isPending, error } = useEnqueue(queue, 'note.push');
 * return <button disabled={isPending} onClick={() => enqueue({ id: note.id })}>{error ? 'Try again' : 'Save'}</button>;
 */
export function useEnqueue<
  Jobs extends Definitions,
  Name extends keyof Jobs & string,
  Options extends object = object,
>(
  queue: Queue<Jobs, Options>,
  name: Name,
): EnqueueState<Name> & { readonly enqueue: EnqueueCall<Jobs, Name, Options> } {
  const { enqueue, subscribe, getSnapshot } = useMemo(() => enqueuing(queue, name), [queue, name]);
  return { ...useSyncExternalStore(subscribe, getSnapshot, idle as () => EnqueueState<Name>), enqueue };
}
