/** A queue in Svelte 5: objects whose parts are reactive where they are read. Nothing is read on a server, or by what is not mounted. */
import { createSubscriber } from 'svelte/reactivity';
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
import { type EnqueueCall, type EnqueueState, enqueuing } from '../enqueuing.ts';
import { type Live, type Reading, readBy } from '../live.ts';
import {
  type DeadLetterActions,
  type DeadOptions,
  deadLetterActions,
  liveJob,
  liveJobs,
} from '../readings.ts';

export type { DeadLetterActions, DeadOptions, EnqueueCall, EnqueueState, Reading };

/** Reads what the key says now: another key is another reading. */
function readLive<Key, Value>(keyOf: () => Key, make: (key: Key) => Live<Value>): Reading<Value> {
  let current: { readonly key: Key; readonly live: Live<Value>; readonly track: () => void } | undefined;
  return readBy(() => {
    const key = keyOf();
    if (current === undefined || current.key !== key) {
      const one = make(key);
      current = { key, live: one, track: createSubscriber(one.subscribe) };
    }
    current.track();
    return current.live.getSnapshot();
  });
}

/**
 * How many jobs there are in each state, live, as `current`. Undefined until they were read first, and on a server.
 *
 * @example
 * const counts = createCounts(queue); // in the markup: {counts.current?.pending} to send
 */
export function createCounts(queue: HasContext): { readonly current: Counts | undefined } {
  const { subscribe, getSnapshot } = watch(queue);
  const track = createSubscriber(subscribe);
  return {
    get current() {
      track();
      return getSnapshot();
    },
  };
}

/**
 * One job, live: `job.data`, `job.isPending`, `job.error`. An `id` that `enqueue` returned tells its types. Without an `id` nothing is read.
 *
 * @example
 * const { id } = $props();
 * const job = createJob(queue, () => id); // in the markup: {job.data?.state ?? 'done'}: a job that completed is gone
 */
export const createJob = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  id: () => string | JobId<Name> | undefined,
): Reading<JobOf<Jobs, Name>> => readLive(id, (key) => liveJob(queue, key));

/**
 * A page of jobs, live, as `list` returns it. Jobs in which nothing is different are the same objects as before.
 *
 * @example
 * const pushes = createJobs(queue, () => ({ state: 'pending', name: 'note.push' }));
 * // in the markup: {#each pushes.data?.jobs ?? [] as job (job.id)}<li>{job.payload.id}</li>{/each}
 */
export const createJobs = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: () => ListOptions<Name>,
): Reading<ListAnswer<JobOf<Jobs, Name>>> =>
  readLive(
    () => JSON.stringify(options()),
    (key) => liveJobs<Jobs, Name>(queue, JSON.parse(key)),
  );

/**
 * The jobs that failed for good, live.
 *
 * @example
 * const dead = createDeadLetters(queue);
 * // in the markup: {#each dead.data?.jobs ?? [] as { id } (id)}<button onclick={() => dead.redrive(id)}>Try again</button>{/each}
 */
export const createDeadLetters = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: () => DeadOptions<Name> = () => ({}),
): Reading<ListAnswer<JobOf<Jobs, Name>>> & DeadLetterActions =>
  Object.assign(
    createJobs<Jobs, Name>(queue, () => ({ ...options(), state: 'dead' })),
    deadLetterActions(queue),
  );

/**
 * Enqueues jobs of one name, and says what became of the last call.
 *
 * @example
 * const save = createEnqueue(queue, 'note.push');
 * // in the markup: <button disabled={save.isPending} onclick={() => save.enqueue({ id })}>{save.error ? 'Try again' : 'Save'}</button>
 */
export function createEnqueue<
  Jobs extends Definitions,
  Name extends keyof Jobs & string,
  Options extends object = object,
>(
  queue: Queue<Jobs, Options>,
  name: Name,
): EnqueueState<Name> & { readonly enqueue: EnqueueCall<Jobs, Name, Options> } {
  const { enqueue, subscribe, getSnapshot } = enqueuing(queue, name);
  const track = createSubscriber(subscribe);
  return Object.assign(
    readBy(() => {
      track();
      return getSnapshot();
    }),
    { enqueue },
  );
}
