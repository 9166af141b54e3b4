import type { BatchCounts, EnqueueAnswer, Job } from '../../core/index.ts';
import type { EverySpec } from '../every-feature.ts';
import type { StoreCalls } from '../store-calls.ts';
import { type Call, completedBy } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';
import type { Expected } from './transitions.ts';

type Counted = { -readonly [Key in keyof BatchCounts]: BatchCounts[Key] };

/** What an end, or a return, changes of the counts of a batch. */
interface Move {
  readonly counts: Counted;
  readonly by: Partial<Record<'open' | 'completed' | 'dead' | 'cancelled', number>>;
}

/** What is known of a call beside it. */
interface Circumstance {
  /** The last jobs that came are added. */
  readonly expected: Map<string, Expected>;
  /** Dead jobs that the call removed, some of which may have died of it. */
  readonly pruned: readonly string[];
  /** Who called counts. */
  readonly hasFlows: boolean;
}

interface Known {
  readonly counts: Counted;
  /** The job that it brings when it is over. */
  readonly lastId: string | undefined;
  brought: boolean;
}

/** Batches as seen from outside: counts that are right after each call, and a last job that comes once, when all have ended. */
export class BatchRules {
  readonly #known = new Map<string, Known>();
  /** Of the jobs that count in one, by id. */
  readonly #batchOf = new Map<string, string>();
  /** By job, what contexts that do not count have brought about, and nobody has counted yet. */
  readonly #owed = new Map<string, Move[]>();
  #isAbandoned = false;

  /** Nobody counts any more: what batches would bring comes. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#batchOf.clear();
    this.#owed.clear();
  }

  get isHeard(): boolean {
    return this.#owed.size === 0;
  }

  get open(): readonly string[] {
    if (this.#isAbandoned) return [];
    return [...this.#known].filter(([, { counts }]) => !counts.closed).map(([id]) => id);
  }

  /** Each that is over has brought its last job. */
  get isDone(): boolean {
    return [...this.#known.values()].every(
      ({ counts, lastId, brought }) =>
        brought || lastId === undefined || !(isOver(counts) || this.#isAbandoned),
    );
  }

  /** Whether this job is one that a batch may bring by now. */
  mayArrive(id: string): boolean {
    return [...this.#known.values()].some(({ lastId, brought }) => lastId === id && !brought);
  }

  enter(call: Call, before: Snapshot, after: Snapshot, circumstance: Circumstance, complain: Complain): void {
    const { expected, hasFlows } = circumstance;
    if (call.method === 'putBatch' && !this.#known.has(call.request.id))
      this.#known.set(call.request.id, {
        counts: { ...NONE },
        lastId: call.request.whenDone?.id,
        brought: false,
      });
    if (call.method === 'closeBatch') {
      const batch = this.#known.get(call.request.id);
      if (call.answer !== (batch !== undefined) && !this.#isAbandoned)
        complain('batches', `closing ${call.request.id} was answered ${call.answer}`);
      if (batch !== undefined) batch.counts.closed = true;
    }
    if (call.method === 'exchange' && hasFlows) for (const id of this.#owed.keys()) this.#hear(id);
    this.#countMoves(completedBy(call), circumstance, before, after);
    this.#join(call, hasFlows);
    for (const [id, batch] of this.#known) {
      const { lastId, brought, counts } = batch;
      if (lastId === undefined || brought || before.jobs.has(lastId) || !after.jobs.has(lastId)) continue;
      if (!isOver(counts) && !this.#isAbandoned)
        complain('batches', `${id} brought its last job with ${counts.open} jobs open`);
      batch.brought = true;
      expected.set(lastId, { states: ['pending', 'active'], failures: 0, crashes: 0 });
    }
  }

  #join(call: Call, hasFlows: boolean): void {
    if (call.method === 'enqueue')
      for (const [i, answer] of call.answer.entries())
        this.#accept(answer, (call.request.jobs[i] as EverySpec).batch, hasFlows);
    if (call.method === 'fire')
      for (const { jobs } of call.answer)
        for (const answer of jobs) this.#accept(answer, undefined, hasFlows);
  }

  #accept({ id, status }: EnqueueAnswer, batch: string | undefined, hasFlows: boolean): void {
    if (status === 'duplicate') return;
    // Its place in the batch is taken, too: only who counts could count the one whose payload went.
    if (status === 'replaced' && !hasFlows) return;
    const was = this.#batchOf.get(id);
    if (status === 'replaced' && was === batch) return;
    const before = status === 'replaced' ? this.#known.get(was ?? '')?.counts : undefined;
    if (before !== undefined) {
      before.open -= 1;
      before.cancelled += 1;
    }
    this.#batchOf.delete(id);
    const known = batch === undefined ? undefined : this.#known.get(batch);
    if (batch === undefined || known === undefined) return;
    this.#batchOf.set(id, batch);
    known.counts.total += 1;
    known.counts.open += 1;
  }

  #countMoves(
    completed: ReadonlyMap<string, unknown>,
    { pruned, hasFlows }: Circumstance,
    before: Snapshot,
    after: Snapshot,
  ): void {
    const move = (id: string, counts: Counted, by: Move['by']) => {
      this.#owed.set(id, [...(this.#owed.get(id) ?? []), { counts, by }]);
      if (hasFlows) this.#hear(id);
    };
    for (const [id, was] of before.jobs) {
      const counts = this.#known.get(this.#batchOf.get(id) ?? '')?.counts;
      if (counts === undefined) continue;
      const is = after.jobs.get(id);
      const isSame = is?.seq === was.seq;
      if (was.state === 'dead' && isSame && isLive(is)) move(id, counts, { dead: -1, open: 1 });
      if (!isLive(was) || (isSame && isLive(is))) continue;
      const isDead = (isSame && is?.state === 'dead') || pruned.includes(id);
      move(id, counts, {
        open: -1,
        [isDead ? 'dead' : completed.has(id) ? 'completed' : 'cancelled']: 1,
      });
    }
  }

  /** What was owed of a job is counted. */
  #hear(id: string): void {
    for (const { counts, by } of this.#owed.get(id) ?? [])
      for (const [what, number] of Object.entries(by) as [keyof Move['by'], number][]) counts[what] += number;
    this.#owed.delete(id);
  }

  async check(store: StoreCalls, queue: string, complain: Complain): Promise<void> {
    for (const [id, { counts }] of this.#isAbandoned ? [] : this.#known) {
      const stored = await store.countBatch({ queue, id });
      // One that is over for a day may be forgotten.
      if (stored === undefined && isOver(counts)) continue;
      if (textOf(stored) !== textOf(counts))
        complain('batches', `${id} counts ${textOf(stored)}; right is ${textOf(counts)}`);
    }
  }
}

const NONE: BatchCounts = { total: 0, open: 0, completed: 0, dead: 0, cancelled: 0, closed: false };

const isOver = ({ closed, open }: BatchCounts): boolean => closed && open === 0;

const isLive = (job: Job | undefined): boolean => job?.state === 'pending' || job?.state === 'active';

const textOf = (counts: BatchCounts | undefined): string =>
  JSON.stringify(Object.entries(counts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
