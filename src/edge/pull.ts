import {
  type Definitions,
  type ExtendAnswer,
  InvalidOptionError,
  type Job,
  type JobDefinition,
  type Outcome,
  type SettleAnswer,
} from '../core/index.ts';
import { sealPayload } from '../core/kernel/payload.ts';
import { definitionOf } from '../core/queue/definitions.ts';
import {
  checkCount,
  checkKnown,
  checkList,
  checkMs,
  checkOneOf,
  checkText,
  reading,
} from '../core/queue/options.ts';
import { reachOf } from '../core/work/reach.ts';
import { type Ending, outcomeOf } from '../core/work/verdict.ts';
import type { Caller } from './caller.ts';
import type { QueueCalls, SentJobError, SentMeeting, SentOutcome, SentSettlement } from './queue-call.ts';
import type { Shards } from './shards.ts';

const DEFAULT_LIMIT = 10;
const DEFAULT_LEASE_MS = 30_000;

export interface PullOptions<Name extends string = string> {
  /** Who claims; `settle` and `extend` are for the same. Leases are told apart by it: give each consumer its own. */
  readonly workerId: string;
  /** Default: all of the definitions. */
  readonly names?: readonly Name[];
  /** Default 10, 1…1,000. Fewer come of an object when their payloads are over 1 MiB together: one RPC answer has at most 32 MiB by Cloudflare's limit. */
  readonly limit?: number;
  /** How long the leases hold without `extend`. Default 30,000, from 1,000 to a day. */
  readonly leaseMs?: number;
  /** This consumer runs nothing else now: a job whose owners vanished twice is given only to such, alone. Default true. */
  readonly idle?: boolean;
}

/** A job under a lease, and the object that gave it. */
export interface PulledJob {
  readonly job: Job;
  readonly fence: number;
  readonly shard: string;
}

export interface Pulled {
  readonly jobs: readonly PulledJob[];
  /** How long until asking again is worth it, 0: more is due; absent: nothing waits. */
  readonly nextMs?: number;
}

/** How a pulled job ended. */
export type PullOutcome =
  /** `unbegun`: its work has not begun; it goes back to its place, the attempt uncounted. */
  | { readonly kind: 'complete' | 'cancelled' | 'unbegun' }
  /**
   * Thrown by the work: retried after `delayMs`, else by the job's backoff; dead when it was the last attempt. An error that says that its server
   * was not reached or failed (see `send`, `throwForStatus`, `UnreachableError`) tells the queue so, as that of a handler does: the
   * attempt may not count then, and is answered `spared`.
   */
  | { readonly kind: 'retry'; readonly error: unknown; readonly delayMs?: number }
  /** Given back, the attempt uncounted. Default 0 ms. */
  | { readonly kind: 'release'; readonly delayMs?: number }
  | { readonly kind: 'bury'; readonly error: unknown };

export interface PullSettlement extends PulledJob {
  readonly outcome: PullOutcome;
}

export interface ExtendOptions {
  /** From now on. Default 30,000, from 1,000 to a day. */
  readonly leaseMs?: number;
}

/** The part of a client for consumers that run jobs outside the objects. */
export interface PullConsumer<Name extends string = string> {
  /**
   * Takes due jobs under a lease, from one shard after the other. A call that is repeated because its answer was lost may leave jobs
   * leased to nobody: they come back when the lease ends, as after a crash.
   */
  claim(options: PullOptions<Name>): Promise<Pulled>;
  /** Ends leases, per shard in one transaction; `stale`: another owner holds the job, or a first try had settled it. */
  settle(workerId: string, settlements: readonly PullSettlement[]): Promise<readonly SettleAnswer[]>;
  /** Moves the ends of leases; `cancelRequested`: somebody wants the job to stop. */
  extend(
    workerId: string,
    leases: readonly (PulledJob & { readonly progress?: unknown })[],
    options?: ExtendOptions,
  ): Promise<readonly ExtendAnswer[]>;
}

/** Of settlements, leases and names in one call. */
const MAX_ITEMS = 1_000;

/** Pulls from all shards of a queue, former ones too. */
export class ShardedPull implements PullConsumer {
  readonly #caller: Caller;
  readonly #shards: Shards;
  readonly #jobs: Definitions;
  readonly #now: () => number;
  /** When this client was given a job: its attempt began then, as far as is known. */
  readonly #claimedAt = new WeakMap<Job, number>();
  /** Claims begin at another shard each time, so that none is always last. */
  #turn = 0;

  constructor(caller: Caller, shards: Shards, jobs: Definitions, now: () => number) {
    this.#now = now;
    this.#caller = caller;
    this.#shards = shards;
    this.#jobs = jobs;
  }

  async claim(options: PullOptions): Promise<Pulled> {
    const wanted = this.#checkClaim(options);
    const jobs: PulledJob[] = [];
    const failures: unknown[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    const all = this.#shards.all;
    const first = this.#turn++ % all.length;
    for (const shard of [...all.slice(first), ...all.slice(0, first)]) {
      const limit = wanted.limit - jobs.length;
      // What the rest has is not known, so it is worth asking at once.
      if (limit === 0) nextMs = 0;
      if (limit === 0) break;
      try {
        const answer = await this.#caller.call(shard, () => ({ kind: 'claim', ...wanted, limit }));
        for (const { job, fence } of answer.jobs) {
          this.#claimedAt.set(job, this.#now());
          jobs.push({ job, fence, shard });
        }
        nextMs = Math.min(nextMs, answer.nextMs ?? nextMs);
      } catch (error) {
        failures.push(error);
      }
    }
    // One shard that fails must not keep the jobs of the others, which are leased already.
    if (jobs.length === 0 && failures.length > 0) throw failures[0];
    return { jobs, ...(nextMs === Number.POSITIVE_INFINITY ? {} : { nextMs }) };
  }

  #checkClaim(given: PullOptions): QueueCalls['claim'] {
    const options = checkKnown('claim options', given, ['workerId', 'names', 'limit', 'leaseMs', 'idle']);
    const { names = Object.keys(this.#jobs), limit = DEFAULT_LIMIT, idle = true } = options;
    return {
      workerId: checkText('workerId', options.workerId),
      names: checkList('names', names, MAX_ITEMS).map((name) => ({
        name,
        version: definitionOf(this.#jobs, name).version ?? 1,
      })),
      limit: checkCount('limit', limit),
      leaseMs: checkMs('leaseMs', options.leaseMs ?? DEFAULT_LEASE_MS, 1_000),
      idle,
    };
  }

  async settle(workerId: string, settlements: readonly PullSettlement[]): Promise<readonly SettleAnswer[]> {
    checkText('workerId', workerId);
    const items = checkList('settlements', settlements, MAX_ITEMS);
    const sent = reading('settlements', settlements, () =>
      items.map(({ job, fence, shard, outcome }) => ({
        shard,
        item: { id: job.id, fence, ...this.#ending(job, outcome) },
      })),
    );
    return this.#byShard(sent, (shard, items) =>
      this.#caller.call(shard, () => ({ kind: 'settle', workerId, settlements: items })),
    );
  }

  #ending(job: Job, outcome: PullOutcome): Pick<SentSettlement, 'outcome' | 'met'> {
    const definition = this.#jobs[job.name] ?? {};
    const sent = toSentOutcome(outcome, job, definition);
    const now = this.#now();
    const met = metBy(outcome, definition, now - (this.#claimedAt.get(job) ?? now));
    return met === undefined ? { outcome: sent } : { outcome: sent, met };
  }

  async extend(
    workerId: string,
    leases: readonly (PulledJob & { readonly progress?: unknown })[],
    options: ExtendOptions = {},
  ): Promise<readonly ExtendAnswer[]> {
    checkText('workerId', workerId);
    const given = checkKnown('extend options', options, ['leaseMs']);
    const leaseMs = checkMs('leaseMs', given.leaseMs ?? DEFAULT_LEASE_MS, 1_000);
    const held = checkList('leases', leases, MAX_ITEMS);
    const sent = reading('leases', leases, () =>
      held.map(({ job, fence, shard, progress }) => ({
        shard,
        item: {
          id: job.id,
          fence,
          ...(progress === undefined ? {} : { progress: sealedProgress(progress) }),
        },
      })),
    );
    return this.#byShard(sent, (shard, items) =>
      this.#caller.call(shard, () => ({ kind: 'extend', workerId, leases: items, leaseMs })),
    );
  }

  #byShard<Item, Answer>(
    sent: readonly { readonly shard: string; readonly item: Item }[],
    call: (shard: string, items: readonly Item[]) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    for (const { shard } of sent)
      if (!this.#shards.all.includes(shard))
        throw new InvalidOptionError('shard', shard, 'that of a job this client claimed');
    return groupedByShard(sent, call);
  }
}

/** A call would carry a function as a stub of it, and name nothing that it cannot carry. */
const sealedProgress = (value: unknown): unknown =>
  sealPayload(value, { blobs: false, what: 'progress' }).value;

/** Calls each shard once with what is for it; the answers are in input order. Waits for all before it rejects. */
export async function groupedByShard<Item, Answer>(
  sent: readonly { readonly shard: string; readonly item: Item }[],
  call: (shard: string, items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  const groups = new Map<string, number[]>();
  for (const [i, { shard }] of sent.entries()) {
    const group = groups.get(shard);
    if (group === undefined) groups.set(shard, [i]);
    else group.push(i);
  }
  const answers: Answer[] = [];
  const ends = await Promise.allSettled(
    [...groups].map(async ([shard, indexes]) => {
      const items = indexes.map((i) => (sent[i] as { item: Item }).item);
      for (const [j, answer] of (await call(shard, items)).entries()) answers[indexes[j] as number] = answer;
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return answers;
}

/** The runtime's policy, on a clock that stands at 0: its instants are delays. */
function toSentOutcome(outcome: PullOutcome, job: Job, definition: JobDefinition): SentOutcome {
  const known = ['complete', 'cancelled', 'unbegun', 'retry', 'release', 'bury'] as const;
  switch (checkOneOf('outcome.kind', outcome?.kind, known)) {
    case 'complete':
    case 'cancelled':
    case 'unbegun':
      return { kind: outcome.kind as 'complete' | 'cancelled' | 'unbegun' };
    case 'release':
      return { kind: 'release', delayMs: checkMs('delayMs', (outcome as { delayMs?: number }).delayMs ?? 0) };
    case 'retry':
    case 'bury':
      return afterFailure(outcome as Extract<PullOutcome, { error: unknown }>, job, definition);
  }
}

function afterFailure(
  outcome: Extract<PullOutcome, { error: unknown }>,
  job: Job,
  definition: JobDefinition,
): SentOutcome {
  const ending: Ending = { how: 'threw', thrown: outcome.error };
  const verdict = outcomeOf(ending, job, definition, 0) as Extract<Outcome, { kind: 'retry' | 'bury' }>;
  const error = withoutInstant(verdict.error);
  if (outcome.kind === 'bury' || verdict.kind === 'bury') return { kind: 'bury', error };
  const asked = outcome.delayMs;
  const { runAt, holdUntil } = verdict;
  return {
    kind: 'retry',
    delayMs: asked === undefined ? runAt : checkMs('delayMs', asked),
    error,
    ...(holdUntil === undefined ? {} : { holdMs: holdUntil }),
  };
}

/** What its error says of the target; undefined: nothing. A job that is to be dead stays dead, whatever its server did. */
function metBy(
  outcome: PullOutcome,
  { outage, outageMs }: JobDefinition,
  ageMs: number,
): SentMeeting | undefined {
  if (outage === false || !('error' in outcome)) return undefined;
  const how = reachOf(outcome.error);
  if (how.kind === 'silent' || (outcome.kind === 'bury' && how.kind !== 'through')) return undefined;
  return { how, ageMs: Math.max(0, ageMs), ...(outageMs === undefined ? {} : { outageMs }) };
}

function withoutInstant({ at: _, ...error }: SentJobError & { readonly at: number }): SentJobError {
  return error;
}
