import type { ClosedTarget, Met, SettleAnswer } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

type Exchange = Extract<Call, { method: 'exchange' }>;
type Settlement = Exchange['request']['settle'][number];

/** Calls may come so much out of order before that is a clock that was set back. */
const DRIFT_MS = 2_000;

const targetOf = ({ name, target = name }: { readonly name: string; readonly target?: string }): string =>
  target;

interface Mark {
  /** The call that brought its first failure, and its instant. */
  readonly call: number;
  readonly at: number;
}

interface Through {
  readonly call: number;
  readonly id: string;
}

/** What becomes of jobs whose target fails them, as seen from outside, and who is let through to a target that is closed. */
export class OutageRules {
  #calls = 0;
  /** By id, of live jobs that their target failed. One that dies loses its mark, so that nothing is held against it once redriven. */
  readonly #marks = new Map<string, Mark>();
  /** By target: the last two different jobs that got through. */
  readonly #throughs = new Map<string, Through[]>();
  /** As the last call told. */
  #closed = new Map<string, ClosedTarget>();
  /** Under way, by target: what was taken while it was closed. */
  readonly #probes = new Map<string, Set<string>>();
  /** By target: tries whose owner vanished, and which so told nothing. */
  readonly #lost = new Map<string, number>();
  /** By worker: targets that it holds for itself. */
  readonly #few = new Map<string, Readonly<Record<string, number>>>();
  #lastNow = 0;
  /** Clocks went back: instants say less. */
  #isUnsure = false;

  /** Whether jobs of the target may be left waiting by this worker, or by any. */
  isGated(target: string, workerId?: string): boolean {
    const few = workerId === undefined ? undefined : this.#few.get(workerId);
    return this.#closed.has(target) || (few !== undefined && Object.hasOwn(few, target));
  }

  /** Targets that are closed, or being tried. */
  get closed(): ReadonlyMap<string, ClosedTarget> {
    return this.#closed;
  }

  /** How many tries of the target have told nothing. */
  lostTries(target: string): number {
    return this.#lost.get(target) ?? 0;
  }

  enter(call: Call, before: Snapshot, after: Snapshot, complain: Complain): void {
    this.#calls += 1;
    if (call.now < this.#lastNow - DRIFT_MS) this.#isUnsure = true;
    this.#lastNow = Math.max(this.#lastNow, call.now);
    if (call.error === undefined && call.method === 'exchange')
      this.#enterExchange(call, before, after, complain);
    // By the user's own word a probe goes at once.
    if (call.error === undefined && call.method === 'retryNow')
      this.#closed = new Map([...this.#closed].map(([target, one]) => [target, { ...one, nextProbeAt: 0 }]));
    for (const id of this.#marks.keys()) {
      const state = after.jobs.get(id)?.state;
      if (state !== 'pending' && state !== 'active') this.#marks.delete(id);
    }
  }

  #enterExchange(call: Exchange, before: Snapshot, after: Snapshot, complain: Complain): void {
    const { request, answer, now } = call;
    for (const [i, settlement] of request.settle.entries())
      this.#enterSettlement(settlement, answer.settled[i] ?? 'stale', now, before, after, complain);
    if (request.claim !== undefined) this.#few.set(request.workerId, request.claim.few ?? {});
    this.#checkTaken(call, after, complain);
    // Due is told as the present of the call: a call of a clock that is a little behind may follow.
    const told = (one: ClosedTarget) => (one.nextProbeAt <= now ? { ...one, nextProbeAt: 0 } : one);
    this.#closed = new Map((answer.closedTargets ?? []).map((one) => [one.target, told(one)]));
  }

  #enterSettlement(
    { id, fence, outcome, met }: Settlement,
    answer: SettleAnswer,
    now: number,
    before: Snapshot,
    after: Snapshot,
    complain: Complain,
  ): void {
    const job = before.jobs.get(id);
    if (answer === 'stale' || job?.lease?.fence !== fence) return;
    const target = targetOf(job);
    this.#probes.get(target)?.delete(`${id}/${fence}`);
    if (outcome.kind === 'complete' || met?.how.kind === 'through') this.#through(target, id);
    if (met === undefined || met.how.kind === 'through' || answer === 'cancelled') return;
    const mark = this.#marks.get(id);
    this.#check(id, target, met, answer, mark, now, complain);
    if (after.jobs.get(id)?.state === 'dead') this.#marks.delete(id);
    else if (mark === undefined) this.#marks.set(id, { call: this.#calls, at: now });
  }

  #check(
    id: string,
    target: string,
    { how, outageMs }: Met,
    answer: SettleAnswer,
    mark: Mark | undefined,
    now: number,
    complain: Complain,
  ): void {
    const hasEvidence =
      mark !== undefined &&
      (this.#throughs.get(target) ?? []).some((through) => through.id !== id && through.call >= mark.call);
    if (how.kind === 'unreached' && answer === 'settled')
      complain('what is not reached does not count', `an attempt of ${id} that was not reached counts`);
    if (how.kind === 'unreached' && answer === 'expired' && !hasEvidence)
      complain(
        'nothing unreached dies without evidence',
        `${id} is dead, and nobody got through to ${target}`,
      );
    if (how.kind !== 'answered') return;
    if (answer === 'settled' && !hasEvidence)
      complain(
        'nothing counts without evidence',
        `an attempt of ${id} counts, and nobody got through to ${target}`,
      );
    const forMs = now - (mark?.at ?? now);
    if (answer === 'expired' && !this.#isUnsure && forMs < outageMs)
      complain('nothing answered dies before its time', `${id} is dead ${forMs} ms after its first failure`);
  }

  #through(target: string, id: string): void {
    const others = (this.#throughs.get(target) ?? []).filter((through) => through.id !== id);
    this.#throughs.set(target, [{ call: this.#calls, id }, ...others].slice(0, 2));
  }

  /** Closed, one at a time is taken, when its wait is over. */
  #checkTaken({ request, answer, now }: Exchange, after: Snapshot, complain: Complain): void {
    for (const [target, probes] of this.#probes)
      for (const held of probes) {
        const [id = '', fence] = held.split('/');
        if (after.jobs.get(id)?.lease?.fence === Number(fence)) continue;
        probes.delete(held);
        this.#lost.set(target, this.lostTries(target) + 1);
      }
    const lifts = request.claim?.lift === true || this.#isUnsure;
    const closedHere = new Set((answer.outage?.closed ?? []).map(({ target }) => target));
    const reopened = new Set([...(answer.outage?.opened ?? [])]);
    for (const { job, fence, first } of answer.jobs) {
      const target = targetOf(job);
      const was = this.#closed.get(target);
      const is = (answer.closedTargets ?? []).find((one) => one.target === target);
      const wasClosed = was !== undefined && was.allowed === undefined;
      if (!wasClosed || is === undefined || is.allowed !== undefined || reopened.has(target)) continue;
      if (!first) complain('a closed target lets one through', `${job.id} was claimed like any other`);
      if (!lifts && !closedHere.has(target) && now < was.nextProbeAt)
        complain('probes wait', `${job.id} tries ${target} ${was.nextProbeAt - now} ms too early`);
      const probes = this.#probes.get(target) ?? new Set();
      this.#probes.set(target, probes);
      if (probes.size > 0)
        complain('a closed target lets one through', `${job.id} tries ${target} beside ${[...probes]}`);
      probes.add(`${job.id}/${fence}`);
    }
  }
}
