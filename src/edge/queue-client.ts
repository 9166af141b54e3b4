import type {
  CancelAnswer,
  Counts,
  Definitions,
  Drained,
  DrainOptions,
  EnqueueAnswer,
  EnqueueItem,
  Explanation,
  Job,
  ListAnswer,
  ListOptions,
  Queue,
  RedriveAnswer,
  RemoveAnswer,
} from '../core/index.ts';
import type { PullConsumer } from './pull.ts';

/** As those of `drain`, but for a signal, which does not travel, and the lease, which an object does not need. */
export interface ClientDrainOptions
  extends Pick<DrainOptions, 'timeoutGraceMs' | 'overlapAfterMs' | 'maxJobs' | 'waitFor' | 'lift'> {
  /** Stops after this long. Default 30,000, at most 600,000. */
  readonly deadlineMs?: number;
  /** Handlers that run at a time in each object. Default 16. */
  readonly concurrency?: number;
}

type OfQueue = 'name' | 'enqueue';

/**
 * A queue in Durable Objects, seen from a Worker. Every call that fails with a retryable error is repeated, which is safe as every
 * job carries its id; an answer to a repeat may be that of a call which found its work done (`unknown` for a cancelled job). One case
 * is left: a job stored by a try whose answer was lost, and completed before the repeat, is stored again, unless it has an id of your own.
 * All reject with StoreError when an object cannot be reached.
 *
 * With more than one shard: a lane lies in one object, and so does a key without a lane; a key with a lane is unique inside its lane;
 * an id of your own inside the object that the job's lane or key leads to, and inside those that it led to with `formerShards`: an id that leads
 * elsewhere since is asked for there first, one call more.
 */
export interface QueueClient<Jobs extends Definitions>
  extends Pick<Queue<Jobs>, OfQueue>,
    PullConsumer<keyof Jobs & string> {
  /** At most 1,000 jobs, about 8 MB. The jobs of one shard are accepted or refused together; another shard may do otherwise. */
  enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]>;
  get(id: string): Promise<Job | undefined>;
  cancel(id: string): Promise<CancelAnswer>;
  redrive(id: string): Promise<RedriveAnswer>;
  remove(id: string): Promise<RemoveAnswer>;
  /** Shard beside shard: each in its own order. */
  list(options: ListOptions): Promise<ListAnswer>;
  /** Sums; `paused` when one of the objects is, a name when it is in one of them. */
  count(): Promise<Counts>;
  /** As the job's object sees it. */
  explain(id: string): Promise<Explanation | undefined>;
  /** Pauses the objects there are: those of a greater `shards` later are not. */
  pause(name?: keyof Jobs & string): Promise<void>;
  resume(name?: keyof Jobs & string): Promise<void>;
  hold(name: keyof Jobs & string, until: Date | number): Promise<void>;
  /** Runs what is due inside the objects, with the handlers that their class gave to `serveQueue`. Answers the sums. */
  drain(options?: ClientDrainOptions): Promise<Drained>;
}
