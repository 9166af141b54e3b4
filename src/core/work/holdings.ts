import type { Draft } from '../kernel/job.ts';
import type { Attached } from '../kernel/job-row.ts';
import type { ClaimedJob, Outcome, Settlement } from '../kernel/messages.ts';
import { isSuspect } from '../kernel/suspect.ts';
import { targetOf } from '../kernel/target.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import type { HeldJob } from '../queue/emitter.ts';
import type { WorkerHooks } from '../queue/worker-hooks.ts';
import type { Leases } from './heartbeat.ts';
import { type Meets, metOf } from './meeting.ts';
import type { Run } from './run.ts';

/** An outcome on its way to the store. */
export interface Ended {
  readonly claimed: ClaimedJob;
  readonly outcome: Outcome;
  readonly result?: unknown;
  /** What features attached in the attempt, and is not known to be stored. */
  readonly attached?: Attached | undefined;
  /** How long its handler ran; absent: it did not begin. */
  readonly tookMs?: number;
  /** How it met its target; absent: it says nothing of it. */
  readonly meets?: Meets;
  /** Sent before without an answer: `stale` may then mean that it arrived. */
  readonly repeated: boolean;
  /** Sent before in a batch that was refused, perhaps for it or for its size: it goes alone. */
  readonly suspected?: boolean;
  /** It brings a hold, which is in force here until the store has answered: what ends that. */
  readonly endHold?: () => void;
  /** How often the store had no room for it. */
  readonly refusals?: number;
}

/** All that one worker holds a lease of: claimed, running, or ended and not settled. */
export class Holdings {
  /** In the order in which they are to begin. */
  readonly ready: ClaimedJob[] = [];
  readonly running = new Map<string, Run>();
  readonly ended: Ended[] = [];
  /**
   * Ended jobs whose handlers enqueued what the store has no room for, by id: each keeps its lease and its slot until it is
   * settled, so that no more of them come together than there are slots.
   */
  readonly putOff = new Map<string, Ended>();
  readonly #ageing: boolean;

  constructor(ageing: boolean) {
    this.#ageing = ageing;
  }

  /** Jobs that run, or will. */
  get busy(): number {
    return this.ready.length + this.running.size;
  }

  /** Jobs that take a slot, or will. */
  get size(): number {
    return this.busy + this.putOff.size;
  }

  get slotsTaken(): number {
    return this.running.size + this.putOff.size;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.ended.length === 0;
  }

  /** All that is left was put off, each so often since the worker was stopped. */
  isHopeless(tries: number): boolean {
    const left = [...this.putOff.values()];
    return this.busy === 0 && this.ended.length === 0 && left.every(({ refusals = 0 }) => refusals >= tries);
  }

  /** What was claimed later and has a higher priority goes before what has not begun; with ageing that would undo what the claim has done. */
  add(jobs: readonly ClaimedJob[]): void {
    if (this.ready.length > 0) {
      const again = new Set(jobs.map(({ job }) => job.id));
      this.takeReady(({ job }) => again.has(job.id));
    }
    const wasEmpty = this.ready.length === 0;
    for (const claimed of jobs) if (!claimed.first) this.ready.push(claimed);
    if (!wasEmpty && !this.#ageing) this.ready.sort((a, b) => b.job.priority - a.job.priority);
    this.ready.unshift(...jobs.filter(({ first }) => first));
  }

  /** Takes those out of `ready` that match. */
  takeReady(matches: (claimed: ClaimedJob) => boolean): ClaimedJob[] {
    const taken: ClaimedJob[] = [];
    for (const claimed of this.ready.splice(0)) (matches(claimed) ? taken : this.ready).push(claimed);
    return taken;
  }

  /** As they are now: what they do then may change `running`. */
  runs(): Run[] {
    return [...this.running.values()];
  }

  countOf(name: string): number {
    let count = 0;
    for (const { job } of this.ready) if (job.name === name) count += 1;
    for (const run of this.running.values()) if (run.claimed.job.name === name) count += 1;
    for (const { claimed } of this.putOff.values()) if (claimed.job.name === name) count += 1;
    return count;
  }

  /** Jobs of a target that run, or will. */
  countTo(target: string): number {
    const ready = this.ready.filter(({ job }) => targetOf(job) === target);
    return ready.length + this.runs().filter(({ claimed }) => targetOf(claimed.job) === target).length;
  }

  hasSuspect(): boolean {
    return (
      this.ready.some(({ job }) => isSuspect(job)) ||
      this.runs().some(({ claimed }) => isSuspect(claimed.job))
    );
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

  /** What is to be extended. Progress goes along once, and is put back by `keepProgress`; what is attached until it has `arrived`. */
  takeLeases(): Leases {
    const running = this.runs().map((run) => {
      const { progress, attached } = run;
      run.progress = undefined;
      const lease: Draft<Leases[number]> = { id: run.id, fence: run.claimed.fence };
      if (progress !== undefined) lease.progress = progress;
      if (attached !== undefined) lease.attach = attached;
      return lease;
    });
    const unbegun = this.ready.map(({ job, fence }) => ({ id: job.id, fence, unbegun: true as const }));
    return [...running, ...unbegun, ...this.#settling().map(({ job, fence }) => ({ id: job.id, fence }))];
  }

  ids(): string[] {
    return [...this.running.keys(), ...this.unbegun(), ...this.#settling().map(({ job }) => job.id)];
  }

  jobs(): HeldJob[] {
    const running = this.runs().map(({ claimed }) => claimed);
    return [...this.ready, ...running, ...this.#settling()].map(({ job: { id, name } }) => ({ id, name }));
  }

  /** Ids of what is claimed and has not begun. */
  unbegun(): string[] {
    return this.ready.map(({ job }) => job.id);
  }

  /** What has ended and is held still, each once. */
  #settling(): ClaimedJob[] {
    const ended = this.ended.filter(({ claimed }) => !this.putOff.has(claimed.job.id));
    return [...ended, ...this.putOff.values()].map(({ claimed }) => claimed);
  }

  /** The store has these. */
  arrived(leases: Leases): void {
    for (const { id, attach } of leases) {
      const run = this.running.get(id);
      if (attach !== undefined && run?.attached === attach) run.attached = undefined;
    }
  }

  /** The store did not answer. */
  keepProgress(leases: Leases): void {
    for (const { id, progress } of leases) {
      const run = this.running.get(id);
      if (run !== undefined) run.progress ??= progress;
    }
  }

  /** Takes what has ended, to settle it together; what is suspected goes alone, in its turn. */
  takeEnded(): Ended[] {
    const suspect = this.ended.findIndex(({ suspected }) => suspected);
    return this.ended.splice(0, suspect < 0 ? this.ended.length : Math.max(1, suspect));
  }

  /** The store did not answer. */
  keepEnded(ended: readonly Ended[]): void {
    this.ended.unshift(...ended.map((one) => ({ ...one, repeated: true })));
  }

  /** There was no room to write that they have ended: each goes alone, as that takes the least, and after the others. */
  keepApart(ended: readonly Ended[]): void {
    this.ended.push(...ended.map((one) => ({ ...one, suspected: true })));
  }

  /** The store answered that one of them cannot be, for what its handler made: those without go first, together. */
  suspectEnded(ended: readonly Ended[]): void {
    this.ended.unshift(...ended.filter((one) => !bringsMore(one)));
    this.ended.push(...ended.filter(bringsMore).map((one) => ({ ...one, suspected: true })));
  }
}

export function settlementOf({ claimed, outcome, attached, meets }: Ended, now: number): Settlement {
  const settlement: Draft<Settlement> = { id: claimed.job.id, fence: claimed.fence, outcome };
  if (attached !== undefined) settlement.attach = attached;
  if (meets !== undefined) settlement.met = metOf(meets, now);
  return settlement;
}

export const isChained = ({ outcome }: Ended): boolean =>
  outcome.kind === 'complete' && outcome.enqueue !== undefined;

/** What its handler made is to be stored: jobs, or a result. */
export const bringsMore = (ended: Ended): boolean =>
  isChained(ended) || resultOf(ended.outcome) !== undefined;

export const resultOf = (outcome: Outcome): unknown =>
  outcome.kind === 'complete' ? outcome.result : undefined;

/** Without a claim: what that brings could be lost with the next failure, and would wait for the end of its leases. */
export const goesAlone = ({ repeated, suspected }: Ended): boolean => repeated || suspected === true;

/** Whether settling it may let a job go that this worker does not take along. */
export function freesOthers(ended: Ended): boolean {
  const { job } = ended.claimed;
  const inLane = job.lane !== undefined || job.idempotencyKey !== undefined;
  return ended.outcome.kind !== 'complete' || isChained(ended) || inLane;
}
