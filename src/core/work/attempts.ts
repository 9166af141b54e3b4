import type { Outcome } from '../kernel/messages.ts';
import { isSuspect } from '../kernel/suspect.ts';
import { targetOf } from '../kernel/target.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import type { HeldJob } from '../queue/emitter.ts';
import { pauseMs } from '../queue/pause.ts';
import type { WorkerHooks } from '../queue/worker-hooks.ts';
import type { Attempt } from './attempt.ts';

/** All attempts of one worker: what it has claimed, until the store has the outcome or another worker may have the job. */
export class Attempts {
  /** In the order in which they were claimed, and in which they go to the store when they have ended. */
  readonly #all = new Set<Attempt>();
  /** What has not begun, in the order in which it is to. */
  readonly #ready: Attempt[] = [];
  readonly #ageing: boolean;
  #running = 0;
  /** Of those that ended: put off, and so keeping their slots, so that no more of them come together than there are slots. */
  #putOff = 0;

  constructor(ageing: boolean) {
    this.#ageing = ageing;
  }

  /** Claimed, and not known to be settled. */
  get count(): number {
    return this.#all.size;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  /** Jobs that run, or will. */
  get busy(): number {
    return this.#ready.length + this.#running;
  }

  /** Jobs that take a slot, or will. */
  get size(): number {
    return this.busy + this.#putOff;
  }

  get slotsTaken(): number {
    return this.#running + this.#putOff;
  }

  /** Nothing but what is on its way to the store. */
  get isEmpty(): boolean {
    if (this.size > 0) return false;
    for (const { state } of this.#all) if (state === 'ended') return false;
    return true;
  }

  /** Something that has ended may go to the store. */
  canSend(now: number): boolean {
    for (const attempt of this.#all) if (maySend(attempt, now)) return true;
    return false;
  }

  /** As they are now: what they do then may change that. */
  those(state: Attempt['state']): Attempt[] {
    return state === 'ready' ? [...this.#ready] : [...this.#all].filter((attempt) => attempt.state === state);
  }

  /**
   * What was claimed later and has a higher priority goes before what has not begun; with ageing that would undo what the claim has done.
   * Returns what runs or is put off of the same jobs: they were reclaimed from this very worker, and its lease is lost.
   */
  add(attempts: readonly Attempt[]): Attempt[] {
    const ready = this.#ready;
    const lost = this.#all.size === 0 ? [] : this.#before(attempts);
    const wasEmpty = ready.length === 0;
    for (const attempt of attempts) {
      this.#all.add(attempt);
      if (!attempt.claimed.first) ready.push(attempt);
    }
    if (!wasEmpty && !this.#ageing) ready.sort((a, b) => b.claimed.job.priority - a.claimed.job.priority);
    ready.unshift(...attempts.filter(({ claimed }) => claimed.first));
    return lost;
  }

  #before(attempts: readonly Attempt[]): Attempt[] {
    const again = new Set(attempts.map(({ id }) => id));
    this.loseReady(({ id }) => again.has(id));
    return [...this.#all].filter((attempt) => takesSlot(attempt) && again.has(attempt.id));
  }

  /** The next one to begin. */
  next(): Attempt | undefined {
    return this.#ready.shift();
  }

  begin(attempt: Attempt): void {
    attempt.state = 'running';
    this.#running += 1;
  }

  end(attempt: Attempt, outcome: Outcome): void {
    if (attempt.state === 'running') this.#running -= 1;
    attempt.outcome = outcome;
    attempt.state = 'ended';
  }

  /** It came to something else than was sent, and goes with others again. */
  endAnew(attempt: Attempt, outcome: Outcome): void {
    Object.assign(attempt, { alone: false, tookMs: undefined, meets: undefined });
    this.end(attempt, outcome);
  }

  /** What has not begun and matches ends so. Returns how many. */
  endReady(matches: (attempt: Attempt) => boolean): number {
    const taken = this.#takeReady(matches);
    for (const attempt of taken) this.end(attempt, attempt.outcome);
    return taken.length;
  }

  /** Settled, or another worker's. */
  remove(attempt: Attempt): void {
    if (attempt.state === 'running') this.#running -= 1;
    if (attempt.putOff !== undefined) this.#putOff -= 1;
    attempt.state = 'gone';
    this.#all.delete(attempt);
  }

  /** Takes those out of the line that match. */
  #takeReady(matches: (attempt: Attempt) => boolean): Attempt[] {
    const taken: Attempt[] = [];
    for (const attempt of this.#ready.splice(0)) (matches(attempt) ? taken : this.#ready).push(attempt);
    return taken;
  }

  /** What has not begun is lost to others. */
  loseReady(matches: (attempt: Attempt) => boolean): void {
    for (const attempt of this.#takeReady(matches)) this.remove(attempt);
  }

  /** What goes to the store next: all that has ended, up to one that goes alone, which goes in its turn. */
  send(now: number): Attempt[] {
    const sent: Attempt[] = [];
    for (const attempt of this.#all) {
      if (!maySend(attempt, now)) continue;
      if (attempt.alone && sent.length > 0) break;
      sent.push(attempt);
      if (attempt.alone) break;
    }
    for (const attempt of sent) attempt.state = 'sent';
    return sent;
  }

  /**
   * They did not arrive, and go again: `together`, in their place; `repeated`, the same, and perhaps they did arrive; `alone`, after the others, as one of
   * them was refused or they are too much; `later`, alone and less and less often, while what else is held goes on.
   */
  again(sent: readonly Attempt[], how: 'together' | 'repeated' | 'alone' | 'later', now: number): void {
    for (const attempt of sent) {
      attempt.state = 'ended';
      attempt.repeated ||= how === 'repeated';
      if (how === 'together' || how === 'repeated') continue;
      attempt.alone = true;
      // Behind all others.
      this.#all.delete(attempt);
      this.#all.add(attempt);
      if (how === 'later') this.#putOffAgain(attempt, now);
    }
  }

  #putOffAgain(attempt: Attempt, at: number): void {
    if (attempt.putOff === undefined) this.#putOff += 1;
    const refusals = attempt.putOff?.refusals ?? 0;
    attempt.putOff = { at, ms: pauseMs(refusals), refusals: refusals + 1 };
  }

  /** When the next one that is put off goes again. */
  againAt(now: number): number | undefined {
    if (this.#putOff === 0) return undefined;
    const instants = this.those('ended').flatMap((attempt) => waitsUntil(attempt, now) ?? []);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  /** The worker stops: what is put off has its last tries, the first of them now. */
  hurry(now: number): void {
    for (const attempt of this.#all)
      if (attempt.putOff !== undefined) attempt.putOff = { at: now, ms: 0, refusals: 0 };
  }

  /** All that is left was put off, each so often since the worker was stopped. */
  isHopeless(tries: number): boolean {
    return (
      this.busy === 0 &&
      this.those('ended').every(({ putOff }) => putOff !== undefined && putOff.refusals >= tries)
    );
  }

  countOf(name: string): number {
    let count = 0;
    for (const attempt of this.#all) if (takesSlot(attempt) && attempt.claimed.job.name === name) count += 1;
    return count;
  }

  /** Jobs of a target that run, or will. */
  countTo(target: string): number {
    let count = 0;
    for (const { state, claimed } of this.#all)
      if (willRun(state) && targetOf(claimed.job) === target) count += 1;
    return count;
  }

  hasSuspect(): boolean {
    for (const { state, claimed } of this.#all) if (willRun(state) && isSuspect(claimed.job)) return true;
    return false;
  }

  /** Slots left for a name in a worker with so many. */
  slotsOf(
    name: string,
    { concurrency }: JobDefinition,
    limit: number,
    slots: number,
    hooks: readonly WorkerHooks[],
  ): number {
    let [most, free] = [concurrency, false];
    for (const hook of hooks) {
      const what = hook.claimsFor?.(name);
      if (what !== undefined) most ??= slots;
      if (what === 'free') free = true;
    }
    if (most === undefined) return limit;
    const left = Math.max(0, most - this.countOf(name));
    return free ? Math.min(left, Math.max(0, slots - this.size)) : left;
  }

  /** Those whose leases are this worker's, as far as it knows. */
  held(): Attempt[] {
    return [...this.#all].filter(({ state, putOff }) => state !== 'sent' || putOff !== undefined);
  }

  jobs(): HeldJob[] {
    return [...this.#all].map(({ claimed: { job } }) => ({ id: job.id, name: job.name }));
  }
}

const willRun = (state: Attempt['state']): boolean => state === 'ready' || state === 'running';

const takesSlot = ({ state, putOff }: Attempt): boolean => willRun(state) || putOff !== undefined;

const maySend = (attempt: Attempt, now: number): boolean =>
  attempt.state === 'ended' && waitsUntil(attempt, now) === undefined;

/** Until when it is put off; undefined: it may go. A clock that was set back puts it off no longer. */
function waitsUntil({ putOff }: Attempt, now: number): number | undefined {
  if (putOff === undefined || now < putOff.at || now >= putOff.at + putOff.ms) return undefined;
  return putOff.at + putOff.ms;
}
