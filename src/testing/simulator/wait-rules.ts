import type { Outcome } from '../../core/index.ts';
import { type Call, redrivenBy } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

/** Calls may come so much out of order before that is a clock that was set back. */
const DRIFT_MS = 2_000;
/** No wait after a crash is longer. */
const CRASH_MS = 300_000;
/** Nor one after an attempt that did not count: the longest for a probe, or what a server asked for. */
const OUTAGE_MS = 70_000;

/** How long jobs wait, as seen from outside: whatever clocks were set, no wait that is a length of time outlasts it. */
export class WaitRules {
  /** By id, how long it waits at most from whenever somebody looks. Absent: an instant was named, or it is not known. */
  readonly #lengths = new Map<string, number>();

  enter(call: Call, after: Snapshot, complain: Complain): void {
    if (call.error !== undefined) return;
    this.#note(call);
    if (call.method === 'retryNow') checkRetried(call, after, complain);
    // Others look without telling the clock what they found.
    if (call.method !== 'exchange') return;
    for (const { id, state, runAt, enqueuedAt } of after.jobs.values()) {
      // One that never waited says when it came, by whatever clock.
      const length = state === 'pending' && runAt !== enqueuedAt ? this.#lengths.get(id) : undefined;
      if (length !== undefined && runAt > call.now + length + DRIFT_MS)
        complain('waits end', `${id} waits ${runAt - call.now} ms more, and was to wait ${length}`);
    }
  }

  #note(call: Call): void {
    if (call.method === 'enqueue')
      for (const [i, { id, status }] of call.answer.entries()) {
        const spec = call.request.jobs[i];
        if (status === 'enqueued' && spec?.runAt === undefined) this.#lengths.set(id, spec?.delayMs ?? 0);
        else if (status !== 'duplicate') this.#lengths.delete(id);
      }
    if (call.method === 'reclaim') for (const id of call.answer.reclaimed) this.#lengths.set(id, CRASH_MS);
    for (const id of redrivenBy(call)) this.#lengths.delete(id);
    if (call.method !== 'exchange') return;
    for (const [i, { id, outcome }] of call.request.settle.entries()) {
      // Back in its own place: a clock that was ahead may have begun it before its time.
      const own = this.#lengths.get(id);
      if (call.answer.settled[i] === 'spared' && own !== undefined)
        this.#lengths.set(id, Math.max(own, OUTAGE_MS));
      if (call.answer.settled[i] !== 'settled') continue;
      const length = lengthOf(outcome);
      if (length !== undefined) this.#lengths.set(id, length);
    }
  }
}

/** In one call: what changes between two is nobody's to say. */
function checkRetried(
  { request, answer, now }: Extract<Call, { method: 'retryNow' }>,
  after: Snapshot,
  complain: Complain,
): void {
  if (request.ids !== undefined || request.after !== undefined || answer.next !== undefined) return;
  for (const { id, state, failures, parked, runAt, rateKey } of after.jobs.values())
    if (state === 'pending' && failures > 0 && !parked && rateKey === undefined && runAt > now)
      complain('a retry now is now', `${id} waits ${runAt - now} ms more`);
}

const lengthOf = (outcome: Outcome): number | undefined =>
  outcome.kind === 'retry' || outcome.kind === 'release' ? outcome.waitMs : undefined;
