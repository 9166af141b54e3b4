import {
  type CancelAnswer,
  type Counts,
  type Definitions,
  type Drained,
  type EnqueueAnswer,
  type EnqueueItem,
  type EnqueueOptions,
  type Environment,
  type Explanation,
  InvalidOptionError,
  type Job,
  type ListAnswer,
  type ListOptions,
} from '../core/index.ts';
import { sealPayload } from '../core/kernel/payload.ts';
import { definitionOf } from '../core/queue/definitions.ts';
import { toItems } from '../core/queue/enqueue-items.ts';
import { toSpec } from '../core/queue/enqueue-options.ts';
import { checkCount, checkInstant, checkKnown, checkOneOf, checkText } from '../core/queue/options.ts';
import { CALLED_DRAIN_OPTIONS } from './call-check.ts';
import type { Caller } from './caller.ts';
import { checkAtMost } from './given.ts';
import { fromListCursor, toListCursor, type Unlisted } from './list-cursor.ts';
import { groupedByShard, type PullConsumer, ShardedPull } from './pull.ts';
import type { QueueAnswers, QueueCalls, SentJob } from './queue-call.ts';
import type { ClientDrainOptions, QueueClient } from './queue-client.ts';
import type { Shards } from './shards.ts';

const LIST_OPTIONS = ['state', 'name', 'tag', 'limit', 'cursor'];
const STATES = ['pending', 'active', 'completed', 'dead', 'cancelled'] as const;

/** Asks the shards, each for its part. */
export class ShardedQueue<Jobs extends Definitions> implements QueueClient<Jobs> {
  readonly name: string;
  readonly #jobs: Definitions;
  readonly #shards: Shards;
  readonly #caller: Caller;
  readonly #environment: Environment;
  readonly #dedupeMs: number;
  readonly claim: PullConsumer['claim'];
  readonly settle: PullConsumer['settle'];
  readonly extend: PullConsumer['extend'];

  constructor(
    name: string,
    jobs: Definitions,
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
    const pull = new ShardedPull(caller, shards, jobs, () => environment.now());
    this.claim = (options) => pull.claim(options);
    this.settle = (workerId, settlements) => pull.settle(workerId, settlements);
    this.extend = (workerId, leases, options) => pull.extend(workerId, leases, options);
  }

  async enqueue(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<EnqueueAnswer> {
    const [answer] = await this.#sendAll([await this.#toJob(name, payload, options)]);
    return answer as EnqueueAnswer;
  }

  async enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]> {
    const jobs = await Promise.all(
      toItems(items).map(({ name, payload, options }) => this.#toJob(name, payload, options)),
    );
    return this.#sendAll(jobs);
  }

  async #sendAll(jobs: readonly SentJob[]): Promise<readonly EnqueueAnswer[]> {
    const meant = await this.#meantBefore(jobs);
    const sent = jobs
      .filter((job) => !meant.has(job))
      .map((item) => ({ shard: this.#shards.of(item), item }));
    const answers = (await groupedByShard(sent, (shard, group) => this.#send(shard, group))).values();
    return jobs.map((job) => {
      const id = meant.get(job);
      return id === undefined ? (answers.next().value as EnqueueAnswer) : { id, status: 'duplicate' };
    });
  }

  /** An id of the caller's own leads elsewhere since the number of shards is another: where it led before knows whether it is a repeat. */
  async #meantBefore(jobs: readonly SentJob[]): Promise<ReadonlyMap<SentJob, string>> {
    const asked = jobs
      .filter(({ known }) => known)
      .flatMap((job) => this.#shards.formerlyOf(job).map((shard) => ({ shard, item: job })));
    const answers = await groupedByShard(asked, (shard, group) =>
      this.#caller.call(shard, () => ({ kind: 'known', ids: group.map(({ id }) => id) })),
    );
    const meant = new Map<SentJob, string>();
    for (const [i, { item }] of asked.entries()) {
      const id = answers[i];
      if (id !== undefined) meant.set(item, id);
    }
    return meant;
  }

  async #toJob(name: string, payload: unknown, options: EnqueueOptions): Promise<SentJob> {
    const definition = definitionOf(this.#jobs, name);
    const { value } = sealPayload(payload, { blobs: false });
    const { spec, checking } = toSpec(name, definition, value, options, {
      id: this.#environment.id,
      dedupeMs: this.#dedupeMs,
    });
    await checking;
    const { runAt, dependsOn, sealed: _, ...rest } = spec;
    if (dependsOn !== undefined)
      throw new InvalidOptionError(
        'dependsOn',
        options.dependsOn,
        'nothing: the jobs of a client may lie in different objects',
      );
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
    if (name !== undefined) definitionOf(this.#jobs, name);
    const named = name === undefined ? {} : { name };
    await this.#all((shard) => this.#caller.call(shard, () => ({ kind, ...named })));
  }

  async hold(name: string, until: Date | number): Promise<void> {
    definitionOf(this.#jobs, name);
    const delayMs = this.#until(checkInstant('until', until));
    await this.#all((shard) => this.#caller.call(shard, () => ({ kind: 'hold', name, delayMs })));
  }

  async drain(options: ClientDrainOptions = {}): Promise<Drained> {
    const given = checkKnown('drain options', options, CALLED_DRAIN_OPTIONS);
    const all = await this.#all((shard) => this.#caller.call(shard, () => ({ kind: 'drain', ...given })));
    return joinDrained(all);
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

const SUMS = ['completed', 'retried', 'released', 'dead', 'cancelled', 'activeElsewhere'] as const;

function joinDrained(all: readonly Drained[]): Drained {
  const sums = Object.fromEntries(SUMS.map((key) => [key, sum(all, (drained) => drained[key])]));
  const instants = all.flatMap(({ nextAt }) => (nextAt === undefined ? [] : [nextAt]));
  return {
    ...(sums as Record<(typeof SUMS)[number], number>),
    closed: all.flatMap(({ closed }) => closed),
    ...(instants.length === 0 ? {} : { nextAt: Math.min(...instants) }),
  };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
