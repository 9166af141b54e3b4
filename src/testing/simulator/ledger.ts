import type { Job } from '../../core/index.ts';
import type { StoreCalls } from '../store-calls.ts';
import { BatchRules } from './batch-rules.ts';
import { type Call, isIdle } from './call.ts';
import { type Circumstances, checkClaim } from './claim-rules.ts';
import { ContentRules } from './content-rules.ts';
import { FlowRules } from './flow-rules.ts';
import { IdRules } from './id-rules.ts';
import type { Complain } from './journal.ts';
import { KeepingRules } from './keeping-rules.ts';
import { KeyRules } from './key-rules.ts';
import { checkLanes } from './lane-rules.ts';
import { needsOf } from './leaving-rules.ts';
import { MarkRules } from './mark-rules.ts';
import { OutageRules } from './outage-rules.ts';
import type { Part } from './part.ts';
import { ScheduleRules } from './schedule-rules.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import { type Expected, expectedOf } from './transitions.ts';
import { UnreadableRules } from './unreadable-rules.ts';
import { VainRules } from './vain-rules.ts';
import { WaitRules } from './wait-rules.ts';

/** Less than this is drift between calls, more is a clock that was set back. */
const CLOCK_STEP_MS = 2_000;

/** The instants of a call, and the last one that was seen before it. */
interface Times {
  readonly now: number;
  readonly last: number;
}

/** What is known beside the queue. */
interface Surroundings {
  /** What a context has in use, by its name. */
  partOf(context: string): Part;
  /** Time as it is, whatever clocks say. */
  elapsed(): number;
}

/** Keeps account of a queue from outside: after each call it looks at all jobs and says what should not be. */
export class Ledger {
  /** As it is now. */
  snapshot: Snapshot = {
    jobs: new Map(),
    counts: {
      pending: 0,
      active: 0,
      completed: 0,
      dead: 0,
      cancelled: 0,
      dropped: 0,
      bytes: 0,
      paused: false,
    },
  };
  /** Names of the jobs that were ever accepted, by id: one whose memory is over may be taken by another job. */
  readonly accepted = new Map<string, Set<string>>();
  /** `id/fence` of completions that the store has carried out. */
  readonly completions = new Set<string>();
  /** Ids of the jobs that were ever completed. */
  readonly completed = new Set<string>();
  readonly totals = { accepted: 0, completed: 0, cancelled: 0, dropped: 0, removed: 0 };
  readonly #store: StoreCalls;
  readonly #queue: string;
  readonly #known: Surroundings;
  readonly #complain: Complain;
  /** Jobs that were claimed, replaced, or parked, before. */
  readonly #moved = new Set<string>();
  /** Jobs whose time may have been pulled forward, as a clock was set back. */
  readonly #pulled = new Set<string>();
  /** How long the ids of accepted jobs are remembered. */
  readonly #dedupeMs = new Map<string, number>();
  /** The fence under which a job runs whose cancel was requested, by its id. */
  readonly #cancels = new Map<string, number>();
  /** Ids of jobs that were to be cleared and may have begun: one that has not is cancelled when it goes back. */
  readonly #cleared = new Set<string>();
  readonly #heldFor = new Map<string, number>();
  readonly #maybeHeldFor = new Map<string, number>();
  /** Features that nobody has any more. */
  readonly #abandoned = new Set<string>();
  readonly #keys = new KeyRules();
  readonly #ids = new IdRules();
  readonly #keeping = new KeepingRules();
  readonly #marks = new MarkRules();
  readonly #flows = new FlowRules();
  readonly #contents = new ContentRules();
  readonly #waits = new WaitRules();
  readonly #unreadable = new UnreadableRules();
  readonly #vain = new VainRules();
  readonly batches = new BatchRules();
  readonly outages = new OutageRules();
  readonly schedules = new ScheduleRules();
  #lastNow = 0;
  #fence = 0;

  constructor(store: StoreCalls, queue: string, known: Surroundings, complain: Complain) {
    this.#store = store;
    this.#queue = queue;
    this.#known = known;
    this.#complain = complain;
  }

  /** All that is stored is gone: the account of what comes now. What was accepted and done was. */
  async successor(): Promise<Ledger> {
    const next = new Ledger(this.#store, this.#queue, this.#known, this.#complain);
    for (const [id, names] of this.accepted) next.accepted.set(id, names);
    for (const start of this.completions) next.completions.add(start);
    for (const id of this.completed) next.completed.add(id);
    next.snapshot = await takeSnapshot(this.#store, this.#queue);
    return next;
  }

  /** What is owed to features that some contexts lack has been heard where they are. */
  get isHeard(): boolean {
    return this.#keeping.isHeard && this.batches.isHeard;
  }

  /** What is known at this instant of the clock of that context. */
  circumstances(now: number, context: string): Circumstances {
    const { limits, features } = this.#known.partOf(context);
    return {
      limits,
      now,
      inOrder: now >= this.#lastNow,
      // A hold ends for all when its end has come by any clock.
      isHeld: (name) => (this.#heldFor.get(name) ?? 0) > Math.max(now, this.#lastNow),
      mayBeHeld: (name) => (this.#maybeHeldFor.get(name) ?? 0) > now,
      isFirst: (id) => !this.#moved.has(id),
      wasParked: () => false,
      isTimely: (id) => !this.#pulled.has(id),
      isMarked: (name) => this.#marks.isMarked(name, limits, now, this.#known.elapsed()),
      mayBeMarked: (name) => this.#marks.mayBeMarked(name, limits, now),
      lacksFor: (job) => needsOf(job).find((name) => !features.has(name) && !this.#abandoned.has(name)),
      mayLackFor: (job) => needsOf(job).find((name) => !features.has(name)),
      isPaused: (name) => this.snapshot.counts.pausedNames?.includes(name) ?? false,
      isGated: (target) => this.outages.isGated(target),
    };
  }

  /** The payload of a job cannot be read any more. */
  breakPayload(id: string): void {
    this.#unreadable.add(id);
    this.#keeping.forgetEdit(id);
  }

  /** Looks at all jobs, unless the call says that it did nothing (and followed no clock): if it did, that shows with the next. */
  async enter(call: Call): Promise<void> {
    this.#vain.enter(call, this.#complain);
    const before = this.snapshot;
    const times = { now: call.now, last: this.#lastNow };
    if (!isIdle(call) || call.now < this.#lastNow)
      this.snapshot = await takeSnapshot(this.#store, this.#queue);
    if (call.error !== undefined) {
      this.#compare(before, new Map(), times);
      return;
    }
    this.#followClock(call.now);
    const part = this.#known.partOf(call.context);
    const known = this.circumstances(call.now, call.context);
    const mayArrive = (id: string) => this.batches.mayArrive(id);
    const memory = { keys: this.#keys, ids: this.#ids, drops: part.drops };
    const expected = expectedOf(call, before, memory, mayArrive, this.#complain);
    const keeping = { part, latest: this.#lastNow, expected };
    const pruned = this.#keeping.enter(call, before, this.snapshot, keeping, this.#complain);
    for (const id of pruned) {
      expected.set(id, { states: ['gone'] });
      this.totals.removed += 1;
    }
    if (call.method === 'abandon') this.#abandon(call.request.feature);
    const hasFlows = part.features.has('flows');
    this.batches.enter(call, before, this.snapshot, { expected, pruned, hasFlows }, this.#complain);
    this.#count(call, before, expected);
    this.totals.cancelled += this.#flows.enter(call, before, this.snapshot, expected, this.#complain);
    await this.schedules.enter(call, this.#store, this.#queue, this.#complain);
    const ofKeys = { completed: this.completed, hasKeys: part.features.has('keys') };
    this.#keys.enter(call, before, this.snapshot, ofKeys, this.#complain);
    this.#ids.enter(call, before, this.snapshot, this.#complain);
    this.#contents.enter(call, before);
    this.#unreadable.enter(call, before, this.snapshot, this.#complain);
    const wasClosed = new Set(this.outages.closed.keys());
    this.outages.enter(call, before, this.snapshot, this.#complain);
    this.#waits.enter(call, this.snapshot, this.#complain);
    this.#noteDedupe(call);
    this.#noteHolds(call);
    this.#notePromotions(before);
    this.#compare(before, expected, times);
    if (call.method === 'exchange')
      this.#checkExchange(call, {
        ...known,
        isGated: gatedIn(call, wasClosed, this.outages),
        wasParked: (id) => before.jobs.get(id)?.parked === true,
      });
    this.#marks.enter(call, part, this.totals.accepted > 0, this.#known.elapsed());
    this.#checkCancels(call);
    checkLanes(before, this.snapshot, this.#complain);
    this.#checkCounts();
    await this.batches.check(this.#store, this.#queue, this.#complain);
    this.#noteMoves(call, before, expected);
  }

  #abandon(feature: string): void {
    this.#abandoned.add(feature);
    if (feature === 'limits') this.#marks.forget();
    this.#keeping.abandon(feature);
    if (feature === 'keys') this.#keys.abandon();
    if (feature === 'schedules') this.schedules.forget();
    if (feature !== 'flows') return;
    this.#flows.abandon();
    this.batches.abandon();
  }

  #followClock(now: number): void {
    if (now < this.#lastNow - CLOCK_STEP_MS) {
      this.#marks.followClock(this.#lastNow, now);
      this.#lastNow = now;
      this.#heldFor.clear();
      this.#keys.followClock(now);
      this.#keeping.followClock(now);
      for (const id of this.snapshot.jobs.keys()) this.#pulled.add(id);
    } else {
      this.#marks.followTime(this.#lastNow, now);
      this.#lastNow = Math.max(this.#lastNow, now);
    }
  }

  #count(call: Call, before: Snapshot, expected: ReadonlyMap<string, Expected>): void {
    const { totals } = this;
    for (const [id, { states }] of expected) {
      const was = before.jobs.get(id)?.state ?? 'gone';
      const is = this.snapshot.jobs.get(id)?.state ?? 'gone';
      const isNew = (was === 'gone' || was === 'completed') && !states.includes('completed');
      if (isNew && (is === 'pending' || is === 'active')) {
        totals.accepted += 1;
        const names = this.accepted.get(id) ?? new Set();
        this.accepted.set(id, names.add(this.snapshot.jobs.get(id)?.name ?? ''));
        this.#moved.delete(id);
        this.#pulled.delete(id);
      }
      if (call.method === 'remove' && was === 'dead') totals.removed += 1;
      if (call.method === 'cancel' && states.includes('gone')) totals.cancelled += 1;
    }
    if (call.method === 'enqueue')
      for (const { dropped = [] } of call.answer) totals.dropped += dropped.length;
    if (call.method === 'reclaim') totals.cancelled += call.answer.cancelled.length;
    if (call.method !== 'exchange') return;
    const settled = new Set(call.request.settle.map(({ id }) => id));
    // Given back after a lost answer: its cancel had been requested, or it had been cleared.
    for (const id of new Set([...this.#cancels.keys(), ...this.#cleared]))
      if (expected.has(id) && !settled.has(id) && !this.snapshot.jobs.has(id)) totals.cancelled += 1;
    for (const [i, { id, fence, outcome }] of call.request.settle.entries()) {
      const answer = call.answer.settled[i];
      if (answer === 'stale') continue;
      if (outcome.kind === 'complete') {
        totals.completed += 1;
        this.completions.add(`${id}/${fence}`);
        this.completed.add(id);
      } else if (answer === 'cancelled' || outcome.kind === 'cancelled') totals.cancelled += 1;
    }
  }

  /** They may have been claimed, or not, by the call that promoted them. */
  #notePromotions(before: Snapshot): void {
    for (const [id, { parked }] of before.jobs)
      if (parked && !this.snapshot.jobs.get(id)?.parked) this.#moved.add(id);
  }

  /** A job that leaves its place goes by other rules than those that never did. */
  #noteMoves(call: Call, before: Snapshot, expected: ReadonlyMap<string, Expected>): void {
    const { jobs } = this.snapshot;
    const isSame = (id: string) => before.jobs.get(id)?.seq === jobs.get(id)?.seq;
    for (const id of expected.keys()) if (isSame(id)) this.#moved.add(id);
    // By hand, or by a clock that was set back: it was given another time.
    for (const [id, { runAt }] of before.jobs)
      if (isSame(id) && jobs.get(id)?.runAt !== runAt) this.#moved.add(id);
    if (call.method === 'enqueue') {
      // Who was dropped may have been the head of their lane.
      const promotes = call.answer.some(({ dropped }) => dropped !== undefined);
      for (const { id, status } of call.answer) if (status === 'replaced' || promotes) this.#moved.add(id);
    }
    if (call.method === 'exchange') for (const { job } of call.answer.jobs) this.#moved.add(job.id);
  }

  #noteDedupe(call: Call): void {
    if (call.method !== 'enqueue') return;
    for (const [i, { id, status }] of call.answer.entries())
      if (status === 'enqueued') this.#dedupeMs.set(id, call.request.jobs[i]?.dedupeMs ?? 0);
  }

  #noteHolds(call: Call): void {
    const hold = (name: string | undefined, until: number) => {
      if (name === undefined) return;
      this.#heldFor.set(name, Math.max(until, this.#heldFor.get(name) ?? 0));
      this.#maybeHeldFor.set(name, Math.max(until, this.#maybeHeldFor.get(name) ?? 0));
    };
    if (call.method === 'hold') hold(call.request.name, call.request.until);
    if (call.method !== 'exchange') return;
    for (const [i, { id, outcome }] of call.request.settle.entries())
      if (outcome.kind === 'retry' && outcome.holdUntil !== undefined && call.answer.settled[i] === 'settled')
        // No longer than its wait from now on: its owner's clock may have been set back since.
        hold(
          this.snapshot.jobs.get(id)?.name,
          Math.min(outcome.holdUntil, call.now + (outcome.waitMs ?? Number.POSITIVE_INFINITY)),
        );
  }

  /** Nothing is lost and nothing invented: what changed is what the call may change. */
  #compare(before: Snapshot, expected: ReadonlyMap<string, Expected>, times: Times): void {
    const { jobs } = this.snapshot;
    for (const [id, was] of before.jobs) {
      this.#compareJob(id, was, jobs.get(id), expected.get(id));
      const forMs = endOf(was, times) + (this.#dedupeMs.get(id) ?? 0) - times.now;
      const stays = was.state === 'completed' && !jobs.has(id) && !expected.has(id);
      if (stays && forMs > 0)
        this.#complain('ids are remembered', `${id} was forgotten ${forMs} ms too early`);
    }
    for (const [id, is] of jobs)
      if (!before.jobs.has(id)) this.#compareJob(id, undefined, is, expected.get(id));
  }

  #compareJob(id: string, was: Job | undefined, is: Job | undefined, expected: Expected | undefined): void {
    const from = was?.state ?? 'gone';
    const to = is?.state ?? 'gone';
    const forgotten = from === 'completed' && to === 'gone';
    const states = expected?.states ?? [from];
    if (!states.includes(to) && !forgotten) {
      this.#complain(
        'nothing lost, nothing invented',
        `${id} went from ${from} to ${to}; right is ${states.join(' or ')}`,
      );
      return;
    }
    if (is === undefined) return;
    const failures = expected?.failures ?? was?.failures ?? 0;
    const crashes = expected?.crashes ?? was?.crashes ?? 0;
    if (is.attempt !== is.failures + 1)
      this.#complain(
        'attempts are counted',
        `${id} is at attempt ${is.attempt} after ${is.failures} failures`,
      );
    if (is.failures !== failures || is.crashes !== crashes)
      this.#complain(
        'attempts are counted',
        `${id} has ${is.failures} failures and ${is.crashes} crashes; right are ${failures} and ${crashes}`,
      );
    if (expected?.runAt !== undefined && expected.runAt !== is.runAt)
      this.#complain('delays', `${id} is to run at ${is.runAt}; right is ${expected.runAt}`);
    if (expected === undefined && was?.lease?.fence !== is.lease?.fence)
      this.#complain('fences', `${id} went from fence ${was?.lease?.fence} to ${is.lease?.fence} unasked`);
  }

  #checkExchange({ request, answer }: Extract<Call, { method: 'exchange' }>, known: Circumstances): void {
    for (const claimed of answer.jobs) {
      const { job, fence } = claimed;
      if (fence <= this.#fence) this.#complain('fences', `${job.id} got fence ${fence} after ${this.#fence}`);
      this.#fence = Math.max(this.#fence, fence);
      this.#contents.check(claimed, this.#complain);
    }
    if (request.claim !== undefined) checkClaim(request.claim, answer, this.snapshot, known, this.#complain);
  }

  /** Whose cancel was requested does not wait again: it completes, dies or is cancelled. */
  #checkCancels(call: Call): void {
    for (const [id, fence] of this.#cancels) {
      const job = this.snapshot.jobs.get(id);
      if (job?.lease?.fence === fence) continue;
      this.#cancels.delete(id);
      if (job?.state === 'pending' || job?.state === 'active')
        this.#complain(
          'cancelled means ended',
          `${id} is ${job.state} again although its cancel was requested`,
        );
    }
    for (const id of this.#cleared)
      if (this.snapshot.jobs.get(id)?.state !== 'active') this.#cleared.delete(id);
    if (call.method !== 'cancel') return;
    for (const [i, id] of call.request.ids.entries()) {
      const lease = this.snapshot.jobs.get(id)?.lease;
      if (call.answer[i] === 'running') this.#cleared.add(id);
      if (call.answer[i] === 'requested' && lease !== undefined) this.#cancels.set(id, lease.fence);
    }
  }

  #checkCounts(): void {
    const { counts, jobs } = this.snapshot;
    const seen = { pending: 0, active: 0, dead: 0, completed: 0, cancelled: 0 };
    for (const { state } of jobs.values()) seen[state] += 1;
    const { accepted, completed, cancelled, dropped, removed } = this.totals;
    const right = { ...seen, completed, cancelled, dropped };
    for (const [state, number] of Object.entries(right) as [keyof typeof right, number][])
      if (counts[state] !== number)
        this.#complain('counters', `${state} counts ${counts[state]}, there are ${number}`);
    const known = seen.pending + seen.active + seen.dead + completed + cancelled + dropped + removed;
    if (accepted !== known)
      this.#complain(
        'nothing lost, nothing invented',
        `${accepted} were accepted, ${known} are accounted for`,
      );
  }
}

/** Whether a claim may have left jobs of the target, as that is closed, or is held by the worker itself. */
function gatedIn(
  { request }: Extract<Call, { method: 'exchange' }>,
  wasClosed: ReadonlySet<string>,
  outages: OutageRules,
): Circumstances['isGated'] {
  return (target) => wasClosed.has(target) || outages.isGated(target, request.workerId);
}

/** What ended in the future, by a clock that this call finds ahead, has ended now. The end was an instant that the queue had seen. */
function endOf({ finishedAt = 0 }: Job, { now, last }: Times): number {
  return now < Math.max(last, finishedAt) - CLOCK_STEP_MS ? Math.min(finishedAt, now) : finishedAt;
}
