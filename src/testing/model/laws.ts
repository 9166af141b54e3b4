import { stringify } from 'fast-check';
import type { Job } from '../../core/kernel/job.ts';
import { sealPayload } from '../../core/kernel/payload.ts';
import type { EverySpec } from '../every-feature.ts';
import { brokenByAnswer } from './answer-laws.ts';
import { LimitLaws } from './limit-laws.ts';
import { jobOf, liveJobs, type State, states } from './state.ts';
import type { AnswerOf, RequestOf, Turn } from './turn.ts';

const DEFAULT_MAX_CRASHES = 10;
const MAX_ERRORS = 5;

/**
 * What must hold in the reference after every operation, whatever it answered: no store is right because another one errs alike.
 * Knows the contract only, no code of the operations.
 */
export class Laws {
  /** Jobs ever accepted, and dead ones deleted since. */
  #accepted = 0;
  #removed = 0;
  #highestSeq = 0;
  #highestFence = 0;
  /** The clock was never set back: what is said about times holds to the ms. */
  #steady = true;
  #latest = 0;
  readonly #limits = new LimitLaws();
  /** Name → until when it is held. */
  readonly #holds = new Map<string, number>();
  /** Targets that ever failed a job, or that a worker held for itself: what is claimed of them is theirs to say. */
  readonly #gated = new Set<string>();

  /** The first law that this turn broke, in words; undefined: none. */
  broken(turn: Turn): string | undefined {
    this.#steady &&= turn.now >= this.#latest;
    this.#latest = Math.max(this.#latest, turn.now);
    if (turn.refused !== undefined) return refusedYetChanged(turn);
    this.#noteHolds(turn);
    this.#noteMeetings(turn);
    const times = {
      steady: this.#steady,
      isHeld: (name: string) => (this.#holds.get(name) ?? 0) > turn.now,
      isGated: (target: string) => this.#gated.has(target),
      isSpent: (name: string) => this.#limits.isSpent(name, turn.now),
    };
    return (
      this.#miscounted(turn) ??
      this.#fenceRepeated(turn) ??
      this.#limits.broken(turn, times) ??
      brokenByAnswer(turn, times) ??
      first(liveJobs(turn.after), misshapen) ??
      brokenByLanes(turn)
    );
  }

  #noteMeetings({ operation, request, before }: Turn): void {
    if (operation !== 'exchange') return;
    const { settle, claim } = request as RequestOf<'exchange'>;
    for (const target of Object.keys(claim?.few ?? {})) this.#gated.add(target);
    for (const { id, met } of settle) {
      const job = jobOf(before, id);
      if (met !== undefined && job !== undefined) this.#gated.add(job.target ?? job.name);
    }
  }

  #noteHolds({ operation, request, answer, before }: Turn): void {
    const hold = (name: string, until: number) =>
      this.#holds.set(name, Math.max(until, this.#holds.get(name) ?? 0));
    if (operation === 'hold') {
      const { name, until } = request as RequestOf<'hold'>;
      hold(name, until);
    }
    if (operation !== 'exchange') return;
    const { settled } = answer as AnswerOf<'exchange'>;
    for (const [i, { id, outcome }] of (request as RequestOf<'exchange'>).settle.entries()) {
      const name = jobOf(before, id)?.name;
      if (name !== undefined && settled[i] === 'settled' && outcome.kind === 'retry' && outcome.holdUntil)
        hold(name, outcome.holdUntil);
    }
  }

  /** Every job that was accepted is somewhere, once. */
  #miscounted(turn: Turn): string | undefined {
    const { before, after } = turn;
    const { counts } = after;
    // One that waits for what is not there dies in the call that brought it.
    const newcomers = [...liveJobs(after), ...after.dead].filter((job) => job.seq > this.#highestSeq);
    this.#accepted += newcomers.length;
    this.#highestSeq = Math.max(this.#highestSeq, ...newcomers.map((job) => job.seq));
    this.#removed += removedDead(turn);
    const there = states.reduce((sum, state) => sum + counts[state], this.#removed + counts.dropped);
    if (there > this.#accepted) this.#accepted = Math.min(there, this.#accepted + cancelledUnseen(turn));
    if (there !== this.#accepted)
      return `${this.#accepted} jobs were accepted, ${there} are accounted for: ${stringify(counts)}`;
    for (const state of ['pending', 'active', 'dead'] as const)
      if (counts[state] !== after[state].length)
        return `${counts[state]} ${state} jobs are counted, ${after[state].length} listed`;
    for (const state of ['completed', 'cancelled', 'dropped'] as const)
      if (counts[state] < before.counts[state]) return `fewer ${state} jobs are counted than before`;
    const bytes = liveJobs(after).reduce((sum, { payload }) => sum + sizeOf(payload), 0);
    if (bytes !== counts.bytes) return `${counts.bytes} bytes are counted, the live jobs have ${bytes}`;
    const everybody = [...liveJobs(after), ...after.dead, ...after.completed];
    return repeated(everybody.map(({ id }) => id)) ? 'an id is listed twice' : undefined;
  }

  /** At most one valid lease a job, and each under a fence of its own, greater than any before. */
  #fenceRepeated({ before, after }: Turn): string | undefined {
    const fences = after.active.map(({ lease }) => lease?.fence ?? 0);
    if (repeated(fences)) return `two leases have one fence: ${fences}`;
    const known = new Map(before.active.map(({ id, lease }) => [id, lease?.fence]));
    const highest = this.#highestFence;
    for (const { id, lease } of after.active) {
      if (lease === undefined) return `${id} is active without a lease`;
      if (lease.fence !== known.get(id) && lease.fence <= highest)
        return `${id} was claimed under fence ${lease.fence}, when ${highest} had been given`;
      this.#highestFence = Math.max(this.#highestFence, lease.fence);
    }
    return undefined;
  }
}

/** What a handler enqueued behind a job that died in the same call may be cancelled with it, and is then seen in no state. */
function cancelledUnseen({ operation, request, answer, before, after }: Turn): number {
  if (operation !== 'exchange') return 0;
  const { settled } = answer as AnswerOf<'exchange'>;
  const chained: EverySpec[] = (request as RequestOf<'exchange'>).settle.flatMap(({ outcome }, i) =>
    settled[i] === 'settled' && outcome.kind === 'complete' ? (outcome.enqueue ?? []) : [],
  );
  return chained.filter(
    ({ id, dependsOn, onDependencyDeath }) =>
      dependsOn !== undefined && onDependencyDeath === 'cancel' && !jobOf(before, id) && !jobOf(after, id),
  ).length;
}

function refusedYetChanged({ operation, refused, before, after }: Turn): string | undefined {
  return stringify(before) === stringify(after)
    ? undefined
    : `${operation} was refused (${refused}) and yet changed ${stringify(before)} to ${stringify(after)}`;
}

function removedDead({ operation, request, answer, before, after }: Turn): number {
  const known = before.dead.filter(isLoose);
  if (operation === 'exchange') return prunedDead(request, [...known, ...diedNow(request, answer)], after);
  if (operation === 'prune') return prunedDead(request, known, after);
  if (operation !== 'remove') return 0;
  const { ids } = request as { ids: readonly string[] };
  const dead = new Set(before.dead.map(({ id }) => id));
  const answers = answer as readonly string[];
  return ids.filter((id, i) => answers[i] === 'removed' && dead.has(id)).length;
}

type Dead = Pick<Job, 'id'>;

/** One that halts its lane is never pruned. */
const isLoose = ({ haltsLane }: Job): boolean => haltsLane === undefined;

/** A rule may prune at once what dies with the same exchange. */
function diedNow(request: Turn['request'], answer: Turn['answer']): Dead[] {
  if (answer === undefined) return [];
  const { settle } = request as RequestOf<'exchange'>;
  const { settled, buried = [] } = answer as AnswerOf<'exchange'>;
  return [
    ...settle.filter(
      ({ outcome }, i) => settled[i] === 'expired' || (outcome.kind === 'bury' && settled[i] === 'settled'),
    ),
    ...buried,
  ];
}

/** Without a rule none. */
function prunedDead(request: Turn['request'], dead: readonly Dead[], after: State): number {
  const { keep } = request as RequestOf<'prune'>;
  if (keep?.dead === undefined) return 0;
  return dead.filter(({ id }) => !jobOf(after, id)).length;
}

function misshapen(job: Job): string | undefined {
  if (job.attempt !== job.failures + 1)
    return `${job.id} is at attempt ${job.attempt} after ${job.failures} failures`;
  if (job.crashes >= (job.maxCrashes ?? DEFAULT_MAX_CRASHES))
    return `${job.id} lives after ${job.crashes} crashes`;
  if (job.errors.length > MAX_ERRORS) return `${job.id} keeps ${job.errors.length} errors`;
  return undefined;
}

/** A lane with live jobs has one that is not parked; the next is always the one that was accepted first. */
function brokenByLanes({ before, after }: Turn): string | undefined {
  for (const [lane, jobs] of byLane(after)) {
    const heads = jobs.filter(({ parked }) => !parked);
    const [head] = heads;
    if (haltedLanes(after).has(lane)) {
      if (head !== undefined) return `lane ${lane} is halted, and ${head.id} is its head`;
      continue;
    }
    if (head === undefined || heads.length > 1)
      return `lane ${lane} has ${heads.length} jobs that are not parked: ${heads.map(({ id }) => id)}`;
    if (!wasParked(before, head)) continue;
    const earlier = jobs.find((job) => job.seq < head.seq && wasParked(before, job));
    if (earlier !== undefined) return `lane ${lane} went on with ${head.id} before ${earlier.id}`;
  }
  return undefined;
}

const wasParked = (before: State, job: Job): boolean => {
  const then = jobOf(before, job.id);
  return then?.seq === job.seq && then.parked && then.blockedBy === undefined;
};

function haltedLanes({ dead }: State): Set<string> {
  return new Set(dead.filter(({ haltsLane }) => haltsLane).map(({ lane }) => JSON.stringify(lane)));
}

/** A keyed job without a lane is in the lane of its key. */
function byLane(state: State): Map<string, Job[]> {
  const byName = new Map<string, Job[]>();
  for (const job of liveJobs(state)) {
    const { lane, idempotencyKey, blockedBy } = job;
    if (blockedBy !== undefined || (lane === undefined && idempotencyKey === undefined)) continue;
    const name = lane === undefined ? `of key ${job.name} ${idempotencyKey}` : JSON.stringify(lane);
    byName.set(name, [...(byName.get(name) ?? []), job]);
  }
  return byName;
}

const sizeOf = (payload: unknown): number => sealPayload(payload, { blobs: true }).size;

const repeated = (values: readonly unknown[]): boolean => new Set(values).size < values.length;

function first<Item>(
  items: readonly Item[],
  problemOf: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
