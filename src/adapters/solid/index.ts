/** A queue in Solid: objects whose parts are reactive where they are read. Nothing is read on a server; with its owner each ends. */
import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from 'solid-js';
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
import { PENDING, type Reading, readBy } from '../live.ts';
import {
  type DeadLetterActions,
  type DeadOptions,
  deadLetterActions,
  liveJob,
  liveJobs,
} from '../readings.ts';

export type { DeadLetterActions, DeadOptions, EnqueueCall, EnqueueState, Reading };

interface Source<Snapshot> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Snapshot;
}

/** By an effect, which a server does not run: there the first value stays. */
function signalOf<Snapshot>(first: Snapshot, source: () => Source<Snapshot>): Accessor<Snapshot> {
  const [shown, setShown] = createSignal(first);
  createEffect(() => {
    const { subscribe, getSnapshot } = source();
    const show = () => void setShown(getSnapshot);
    onCleanup(subscribe(show));
    show();
  });
  return shown;
}

/**
 * How many jobs there are in each state, live. Undefined until they were read first, and on a server.
 *
 * @example
 * const counts = createCounts(queue);
 * return <span>{counts()?.pending} to send</span>;
 */
export const createCounts = (queue: HasContext): Accessor<Counts | undefined> =>
  signalOf<Counts | undefined>(undefined, () => watch(queue));

/**
 * One job, live: `job.data`, `job.isPending`, `job.error`. An `id` that `enqueue` returned tells its types. Without an `id` nothing is read.
 *
 * @example
 * const job = createJob(queue, () => props.id);
 * return <span>{job.data?.state ?? 'done'}</span>; // a job that completed is gone
 */
export const createJob = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  id: Accessor<string | JobId<Name> | undefined>,
): Reading<JobOf<Jobs, Name>> =>
  readBy(signalOf<Reading<JobOf<Jobs, Name>>>(PENDING, () => liveJob(queue, id())));

/**
 * A page of jobs, live, as `list` returns it. Jobs in which nothing is different are the same objects as before.
 *
 * @example
 * const pushes = createJobs(queue, () => ({ state: 'pending', name: 'note.push' }));
 * return <For each={pushes.data?.jobs}>{(job) => <li>{job.payload.id}</li>}</For>;
 */
export const createJobs = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: Accessor<ListOptions<Name>>,
): Reading<ListAnswer<JobOf<Jobs, Name>>> => {
  const key = createMemo(() => JSON.stringify(options()));
  return readBy(
    signalOf<Reading<ListAnswer<JobOf<Jobs, Name>>>>(PENDING, () =>
      liveJobs<Jobs, Name>(queue, JSON.parse(key())),
    ),
  );
};

/**
 * The jobs that failed for good, live.
 *
 * @example
 * const dead = createDeadLetters(queue);
 * return <For each={dead.data?.jobs}>{({ id }) => <button onClick={() => dead.redrive(id)}>Try again</button>}</For>;
 */
export const createDeadLetters = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: Accessor<DeadOptions<Name>> = () => ({}),
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
 * return <button disabled={save.isPending} onClick={() => save.enqueue({ id })}>{save.error ? 'Try again' : 'Save'}</button>;
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
  const [state, setState] = createSignal(getSnapshot());
  onCleanup(subscribe(() => setState(getSnapshot)));
  return Object.assign(readBy(state), { enqueue });
}
