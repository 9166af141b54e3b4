import {
  type CancelAnswer,
  type Counts,
  type Definitions,
  type Drained,
  defineJobs,
  type EnqueueAnswer,
  type EnqueueItem,
  type EnqueueOptions,
  type Environment,
  type Explanation,
  InvalidOptionError,
  type Job,
  type ListAnswer,
  type ListOptions,
  type Queue,
  systemEnvironment,
  UnknownJobError,
} from '../core/index.ts';
import { sealPayload } from '../core/payload.ts';
import { toItems } from '../core/runtime/enqueue-items.ts';
import { toSpec } from '../core/runtime/enqueue-options.ts';
import { inWholeMs } from '../core/runtime/environment.ts';
import {
  checkCount,
  checkInstant,
  checkKnown,
  checkMs,
  checkOneOf,
  checkText,
  hasMethods,
} from '../core/runtime/options.ts';
import { Caller } from './caller.ts';
import { checkAtMost } from './given.ts';
import { fromListCursor, toListCursor, type Unlisted } from './list-cursor.ts';
import { groupedByShard, type PullConsumer, ShardedPull } from './pull.ts';
import type { QueueAnswers, QueueCalls, SentJob } from './queue-call.ts';
import { type ShardOptions, Shards } from './shards.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_TRIES = 5;
const OPTIONS = ['jobs', 'shards', 'formerShards', 'object', 'dedupeMs', 'tries', 'environment'];
const LIST_OPTIONS = ['state', 'name', 'tag', 'limit', 'cursor'];
const STATES = ['pending', 'active', 'completed', 'dead', 'cancelled'] as const;

/** The part of a Durable Object namespace that is used: a binding whose class has `holdfast(call)`. */
export interface QueueNamespace {
  idFromName(name: string): object;
  get(id: object): { holdfast(call: never): unknown };
}

export interface QueueClientOptions<Jobs extends Definitions> extends ShardOptions {
  readonly jobs: Jobs;
  /** The stub of the object of this name. Default: `namespace.get(namespace.idFromName(name))`; own one for jurisdictions. */
  readonly object?: (name: string) => { holdfast(call: never): unknown };
  /** How long ids of your own are remembered after completion. Default one hour; 0: not at all. */
  readonly dedupeMs?: number;
  /** How often a call is made when it fails for a reason that passes. Default 5, minimum 1. */
  readonly tries?: number;
  /** Clock, timers and ids. Default: the system's. */
  readonly environment?: Environment;
}

export interface ClientDrainOptions {
  /** Stops after this long. Default 30,000, at most 600,000. */
  readonly deadlineMs?: number;
  /** Handlers that run at a time in each object. Default 16. */
  readonly concurrency?: number;
}

type OfQueue = 'name' | 'enqueue' | 'get' | 'cancel' | 'redrive' | 'remove';

/**
 * A queue in Durable Objects, seen from a Worker. Every call that fails with a retryable error is repeated, which is safe as every
 * job carries its id; an answer to a repeat may be that of a call which found its work done (`unknown` for a cancelled job). One case
 * is left: a job stored by a try whose answer was lost, and completed before the repeat, is stored again, unless it has an id of your own.
 * All reject with StoreError when an object cannot be reached.
 *
 * With more than one shard: a lane lies in one object, and so does a key without a lane; a key with a lane is unique inside its lane;
 * an id of your own inside the object that the job's lane or key leads to.
 */
export interface QueueClient<Jobs extends Definitions>
  extends Pick<Queue<Jobs>, OfQueue>,
    PullConsumer<keyof Jobs & string> {
  /** At most 1,000 jobs, about 8 MB. The jobs of one shard are accepted or refused together; another shard may do otherwise. */
  enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]>;
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

/**
 * A client of the queue in the objects named after `name`: `queueClient<typeof jobs>(env.JOBS, 'mail', { jobs })`. Their class exposes
 * `holdfast(call) { return serveQueue(this.queue, call, { handlers }); }`. Calls nothing before it is used. Throws InvalidOptionError.
 *
 * `shards` can be changed with jobs waiting: each object goes on with what it has, by its own alarm, and `formerShards` says where else to
 * look. While such jobs wait, a lane or key that moved has jobs in two objects: order and uniqueness hold inside each.
 */
export function queueClient<const Jobs extends Definitions>(
  namespace: QueueNamespace,
  name: string,
  given: QueueClientOptions<Jobs>,
): QueueClient<Jobs> {
  const options = checkKnown('queueClient options', given, OPTIONS);
  const {
    object = (of: string) => namespace.get(namespace.idFromName(of)),
    environment = systemEnvironment,
    tries = DEFAULT_TRIES,
    dedupeMs = HOUR_MS,
  } = options;
  if (typeof object !== 'function') throw new InvalidOptionError('object', object, 'a function');
  if (options.object === undefined && !hasMethods(namespace, 'idFromName', 'get'))
    throw new InvalidOptionError('namespace', namespace, 'a Durable Object namespace');
  const shards = new Shards(name, options);
  const jobs = new Map(Object.entries(defineJobs(options.jobs)));
  const caller = new Caller(object, inWholeMs(environment), checkCount('tries', tries));
  return new ShardedQueue(name, jobs, shards, caller, environment, checkMs('dedupeMs', dedupeMs));
}

class ShardedQueue<Jobs extends Definitions> implements QueueClient<Jobs> {
  readonly name: string;
  readonly #jobs: ReadonlyMap<string, Definitions[string]>;
  readonly #shards: Shards;
  readonly #caller: Caller;
  readonly #environment: Environment;
  readonly #dedupeMs: number;
  readonly claim: PullConsumer['claim'];
  readonly settle: PullConsumer['settle'];
  readonly extend: PullConsumer['extend'];

  constructor(
    name: string,
    jobs: ReadonlyMap<string, Definitions[string]>,
    shards: Shards,
    caller: Caller,
    environment: Environment,
    dedupeMs: number,
  ) {
    this.name = name;
    this.#jobs = jobs;
    this.#shards = shards;
    this.#caller = caller;
    this.#environment = environment;
    this.#dedupeMs = dedupeMs;
    const pull = new ShardedPull(caller, shards, jobs);
    this.claim = (options) => pull.claim(options);
    this.settle = (workerId, settlements) => pull.settle(workerId, settlements);
    this.extend = (workerId, leases, options) => pull.extend(workerId, leases, options);
  }

  async enqueue(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<EnqueueAnswer> {
    const job = await this.#toJob(name, payload, options);
    const [answer] = await this.#send(this.#shards.of(job), [job]);
    return answer as EnqueueAnswer;
  }

  async enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]> {
    const jobs = await Promise.all(
      toItems(items).map(({ name, payload, options }) => this.#toJob(name, payload, options)),
    );
    const sent = jobs.map((item) => ({ shard: this.#shards.of(item), item }));
    return groupedByShard(sent, (shard, group) => this.#send(shard, group));
  }

  async #toJob(name: string, payload: unknown, options: EnqueueOptions): Promise<SentJob> {
    const definition = this.#jobs.get(name);
    if (definition === undefined) throw new UnknownJobError(name, [...this.#jobs.keys()]);
    const { value } = sealPayload(payload, { blobs: false });
    const { spec, checking } = toSpec(name, definition, value, options, {
      id: this.#environment.id,
      dedupeMs: this.#dedupeMs,
    });
    await checking;
    const { runAt, sealed: _, ...rest } = spec;
    return runAt === undefined ? rest : { ...rest, delayMs: this.#until(runAt) };
  }

  #until(instant: number): number {
    return Math.max(0, instant - this.#environment.now());
  }

  /** An id that only this call can have brought was stored by its first try. */
  async #send(shard: string, jobs: readonly SentJob[]): Promise<readonly EnqueueAnswer[]> {
    let again = false;
    const answers = await this.#caller.call(shard, (repeated) => {
      again = repeated;
      return { kind: 'enqueue', jobs: repeated ? jobs.map((job) => ({ ...job, known: true })) : jobs };
    });
    return answers.map((answer, i) => {
      const { id, known } = jobs[i] as SentJob;
      const ours = again && !known && answer.status === 'duplicate' && answer.id === id;
      return ours ? { id, status: 'enqueued' } : answer;
    });
  }

  get(id: string): Promise<Job | undefined> {
    return this.#find(id, 'get', undefined);
  }

  cancel(id: string): Promise<CancelAnswer> {
    return this.#find(id, 'cancel', 'unknown');
  }

  redrive(id: string): Promise<QueueAnswers['redrive']> {
    return this.#find(id, 'redrive', 'unknown');
  }

  remove(id: string): Promise<QueueAnswers['remove']> {
    return this.#find(id, 'remove', 'unknown');
  }

  /** The id alone says where a job is that has neither lane nor key and was enqueued since the number of shards is what it is. */
  async #find<Kind extends 'get' | 'explain' | 'cancel' | 'redrive' | 'remove'>(
    id: string,
    kind: Kind,
    nothing: QueueAnswers[Kind],
  ): Promise<QueueAnswers[Kind]> {
    const first = this.#shards.ofId(checkText('id', id));
    const ask = (shard: string): Promise<QueueAnswers[Kind]> =>
      this.#caller.call(shard, () => ({ kind, id }) as never);
    const answer = await ask(first);
    if (answer !== nothing) return answer;
    const others = this.#shards.all.filter((shard) => shard !== first);
    return (await Promise.all(others.map(ask))).find((found) => found !== nothing) ?? nothing;
  }

  async list(options: ListOptions): Promise<ListAnswer> {
    const { name, tag, limit = 100, cursor, ...of } = checkKnown('list options', options, LIST_OPTIONS);
    const state = checkOneOf('state', of.state, STATES);
    checkAtMost('limit', checkCount('limit', limit), 1_000);
    const { all } = this.#shards;
    const left = cursor === undefined ? all.map((shard) => ({ shard })) : fromListCursor(state, cursor, all);
    const asked = left.slice(0, limit);
    const share = Math.floor(limit / Math.max(1, asked.length));
    const call = {
      state,
      limit: share,
      ...(name === undefined ? {} : { name: checkText('name', name) }),
      ...(tag === undefined ? {} : { tag: checkText('tag', tag) }),
    };
    const pages = await Promise.all(asked.map((from) => this.#page(from, call)));
    // Who was not asked comes first on the next page.
    const next = [...left.slice(limit), ...pages.flatMap(({ rest }) => rest)];
    const jobs = pages.flatMap((page) => page.jobs);
    return next.length === 0 ? { jobs } : { jobs, cursor: toListCursor(state, next) };
  }

  async #page({ shard, after }: Unlisted, call: QueueCalls['list']) {
    const page = await this.#caller.call(shard, () => ({
      kind: 'list',
      ...call,
      ...(after === undefined ? {} : { cursor: after }),
    }));
    return { jobs: page.jobs, rest: page.cursor === undefined ? [] : [{ shard, after: page.cursor }] };
  }

  async count(): Promise<Counts> {
    const all = await this.#all((shard) => this.#caller.call(shard, () => ({ kind: 'count' })));
    const keys = [...STATES, 'bytes', 'dropped'] as const;
    const sums = Object.fromEntries(keys.map((key) => [key, sum(all, (counts) => counts[key])]));
    const pausedNames = [...new Set(all.flatMap((counts) => counts.pausedNames ?? []))];
    return {
      ...(sums as Record<(typeof keys)[number], number>),
      paused: all.some(({ paused }) => paused),
      ...(pausedNames.length === 0 ? {} : { pausedNames }),
    };
  }

  explain(id: string): Promise<Explanation | undefined> {
    return this.#find(id, 'explain', undefined);
  }

  pause(name?: string): Promise<void> {
    return this.#steer('pause', name);
  }

  resume(name?: string): Promise<void> {
    return this.#steer('resume', name);
  }

  async #steer(kind: 'pause' | 'resume', name: string | undefined): Promise<void> {
    if (name !== undefined) this.#checkName(name);
    const named = name === undefined ? {} : { name };
    await this.#all((shard) => this.#caller.call(shard, () => ({ kind, ...named })));
  }

  #checkName(name: string): void {
    if (!this.#jobs.has(name)) throw new UnknownJobError(name, [...this.#jobs.keys()]);
  }

  async hold(name: string, until: Date | number): Promise<void> {
    this.#checkName(name);
    const delayMs = this.#until(checkInstant('until', until));
    await this.#all((shard) => this.#caller.call(shard, () => ({ kind: 'hold', name, delayMs })));
  }

  async drain(options: ClientDrainOptions = {}): Promise<Drained> {
    const given = checkKnown('drain options', options, ['deadlineMs', 'concurrency']);
    const all = await this.#all((shard) => this.#caller.call(shard, () => ({ kind: 'drain', ...given })));
    const keys = ['completed', 'retried', 'released', 'dead', 'cancelled'] as const;
    return Object.fromEntries(keys.map((key) => [key, sum(all, (tally) => tally[key])])) as Drained;
  }

  /** Asks every object; waits for all before it rejects. */
  async #all<Answer>(ask: (shard: string) => Promise<Answer>): Promise<readonly Answer[]> {
    const ends = await Promise.allSettled(this.#shards.all.map(ask));
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
  }
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
