import type { KeyTimes } from '../../core/features/keys/key-options.ts';
import type { EnqueueAnswer, JobSpec } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

interface Held {
  readonly id: string;
  readonly until: number;
  /** From the call on that it was accepted by. */
  readonly ms: number;
}

type KeyedSpec = Pick<JobSpec, 'name' | 'idempotencyKey' | 'onDuplicate'> & KeyTimes;

/** Keys that are held for a time, as seen from outside: a duplicate is of a job that holds its key, and none is accepted within its time. */
export class KeyRules {
  readonly #held = new Map<string, Held>();
  /** The latest instant of a call: what was over by then may be forgotten, also if that clock was wrong. */
  #latest = 0;
  /** The last job that was accepted with each key. */
  readonly #newest = new Map<string, { readonly id: string; readonly seq: number }>();
  /** What each schedule enqueues. */
  readonly #scheduled = new Map<string, KeyedSpec>();

  /** Whether an enqueue with this key may be called a duplicate of the job, though that has ended. */
  isHeldBy(spec: KeyedSpec | undefined, id: string, now: number): boolean {
    const held = spec && this.#held.get(keyOf(spec));
    return held?.id === id && held.until > now;
  }

  /** What the schedule enqueues. */
  jobOf(schedule = ''): KeyedSpec | undefined {
    return this.#scheduled.get(schedule);
  }

  /** The clock was set back to this instant: nothing is held longer than its time from there. */
  followClock(now: number): void {
    for (const [key, held] of this.#held)
      this.#held.set(key, { ...held, until: Math.min(held.until, now + held.ms) });
  }

  /** Nobody holds keys for a time any more. */
  abandon(): void {
    this.#held.clear();
  }

  enter(
    call: Call,
    before: Snapshot,
    after: Snapshot,
    { completed, hasKeys }: { readonly completed: ReadonlySet<string>; readonly hasKeys: boolean },
    complain: Complain,
  ): void {
    this.#free(call, before, after, completed);
    if (call.error !== undefined) return;
    this.#latest = Math.max(this.#latest, call.now);
    if (call.method === 'putSchedules')
      for (const { id, job } of call.request.schedules) this.#scheduled.set(id, job);
    for (const [said, { id, status }] of this.#answered(call)) {
      const spec = hasKeys ? said : withoutTimes(said);
      if (spec?.idempotencyKey !== undefined && status !== 'duplicate') {
        this.#accept(spec, id, status, call.now, complain);
        this.#newest.set(keyOf(spec), { id, seq: after.jobs.get(id)?.seq ?? 0 });
      }
    }
    if (call.method === 'redrive') this.#checkRedriven(call, before, completed, complain);
  }

  /** No older payload comes back over a newer one. One that halts its lane comes back before those that wait behind it. */
  #checkRedriven(
    { request, answer }: Extract<Call, { method: 'redrive' }>,
    before: Snapshot,
    completed: ReadonlySet<string>,
    complain: Complain,
  ): void {
    for (const [i, id] of request.ids.entries()) {
      const job = before.jobs.get(id);
      if (answer[i] !== 'redriven' || job?.idempotencyKey === undefined) continue;
      const newest = this.#newest.get(keyOf(job));
      if (request.edit !== undefined) this.#newest.set(keyOf(job), { id, seq: job.seq });
      else if (
        newest !== undefined &&
        completed.has(newest.id) &&
        newest.id !== id &&
        newest.seq > job.seq &&
        !job.haltsLane
      )
        complain('a redrive overwrites nothing newer', `${id} came back over ${newest.id}`);
    }
  }

  /** What was enqueued by the call, and what became of it. */
  *#answered(call: Call): Iterable<readonly [spec: KeyedSpec | undefined, answer: EnqueueAnswer]> {
    if (call.method === 'enqueue')
      for (const [i, answer] of call.answer.entries()) yield [call.request.jobs[i], answer];
    if (call.method === 'fire')
      for (const [i, { jobs }] of call.answer.entries())
        for (const answer of jobs) yield [this.jobOf(call.request.firings[i]?.id), answer];
  }

  #accept(spec: KeyedSpec, id: string, status: string, now: number, complain: Complain): void {
    const { onDuplicate = 'keep', keyForMs } = spec;
    const held = this.#held.get(keyOf(spec));
    const isHeld = held !== undefined && held.until > this.#latest;
    if (isHeld && status === 'enqueued' && (onDuplicate === 'keep' || onDuplicate === 'throttle'))
      complain(
        'keys are held for their time',
        `${id} was accepted ${held.until - this.#latest} ms too early, after ${held.id}`,
      );
    if (keyForMs === undefined) return;
    const until = Math.max(now + keyForMs, held?.id === id ? held.until : 0);
    this.#held.set(keyOf(spec), { id, until, ms: until - now });
  }

  /** Somebody took the job away. */
  #free({ method }: Call, before: Snapshot, after: Snapshot, completed: ReadonlySet<string>): void {
    for (const [key, { id }] of this.#held) {
      const was = before.jobs.get(id)?.state;
      const isGone = was !== undefined && !after.jobs.has(id);
      const hadEnded = was === 'dead' || was === 'completed';
      if (isGone && (hadEnded ? method === 'remove' : !completed.has(id))) this.#held.delete(key);
    }
  }
}

/** As a context without the feature takes what was said where that is. */
function withoutTimes(spec: KeyedSpec | undefined): KeyedSpec | undefined {
  if (spec === undefined) return undefined;
  const { keyForMs: _, maxWaitMs: _most, onDuplicate, ...rest } = spec;
  if (onDuplicate === undefined) return rest;
  const isKnown = onDuplicate !== 'debounce' && onDuplicate !== 'throttle';
  return { ...rest, onDuplicate: isKnown ? onDuplicate : 'replace' };
}

const keyOf = ({ name, idempotencyKey }: KeyedSpec): string => `${name} ${idempotencyKey}`;
