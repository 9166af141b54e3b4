import type { ClaimRequest, Gate, Job } from '../../core/index.ts';
import { knownName } from '../../core/queue/shared-limits.ts';
import type { Call } from './call.ts';
import { isClaimable } from './claim-rules.ts';
import type { Context } from './context.ts';
import type { Effects } from './effects.ts';
import type { Complain } from './journal.ts';
import { roomIn } from './limit-rules.ts';
import type { Snapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Twice the longest sleep of a worker (30 s), so that one lost hint and one late timer are allowed for. */
const BOUND_MS = 60_000;
/** A server that asked for patience (a minute), a lease that has to end, and the sleep of a worker. */
const PATIENCE_MS = 180_000;
/** Less than a worker sleeps (30 s). */
const DONE_MS = 8_000;
/** The longest lease and the longest pause of a worker (30 s each), and time for their end. */
const WELL_MS = 40_000;
/** How much longer the lease of an owner is respected that proves its life. */
const ALIVE_GRACE_MS = 60_000;
/** How long a clock that jumped forward is in doubt, and the looks that end it apart. */
const DOUBT_MS = 150_000;

/** What is due runs: no job waits while a worker that could run it sleeps, and no lease outlives its owner for long. */
export class Liveness {
  readonly #world: World;
  readonly #effects: Effects;
  readonly #complain: Complain;
  /** Targets that are closed and could be reached: since when that is seen, and how many tries had told nothing by then. */
  readonly #closed = new Map<string, { readonly since: number; readonly lost: number }>();
  /** `id/fence/until` of leases that a call made shorter, as it came seconds late: to the store its clock was set back. */
  readonly #shortened = new Set<string>();
  /** By context and job: since when it is seen waiting for a worker there. */
  readonly #waiting = new Map<Context, Map<string, number>>();

  constructor(world: World, effects: Effects, complain: Complain) {
    this.#world = world;
    this.#effects = effects;
    this.#complain = complain;
  }

  /** Whoever is well keeps its leases. Is asked before the ledger knows of the call. */
  checkReclaimed({ answer }: Extract<Call, { method: 'reclaim' }>): void {
    const { contexts, enabled, ledger, timeline } = this.#world;
    if (enabled.has('clock')) return;
    for (const id of [...answer.reclaimed, ...answer.dead]) {
      const lease = ledger.snapshot.jobs.get(id)?.lease;
      if (this.#shortened.has(keyOf(id, lease))) continue;
      const owner = contexts.find(({ isUp, worker }) => isUp && worker?.id === lease?.workerId);
      if (owner === undefined || timeline.elapsed - owner.healthySince <= WELL_MS) continue;
      this.#complain('the living keep their leases', `${id} was taken from ${owner.name}, which is well`);
    }
  }

  /** The ledger knows of a call. Until its owner is heard of again, a lease that it made shorter may end early. */
  noteShortened(before: Snapshot, wasInOrder: boolean): void {
    const { snapshot } = this.#world.ledger;
    if (wasInOrder || snapshot === before) return;
    for (const [id, { lease }] of snapshot.jobs) {
      const was = before.jobs.get(id)?.lease;
      if (lease !== undefined && was?.fence === lease.fence && lease.until < was.until)
        this.#shortened.add(keyOf(id, lease));
    }
  }

  /** All that is stored is gone. */
  forget(): void {
    this.#closed.clear();
    this.#shortened.clear();
    this.#waiting.clear();
  }

  look(): void {
    const { contexts } = this.#world;
    for (const context of this.#waiting.keys())
      if (!contexts.includes(context)) this.#waiting.delete(context);
    for (const context of contexts) this.#lookAt(context);
    this.#lookAtTargets();
  }

  /** What can be reached is not closed for longer than it takes to ask each of its jobs once. */
  #lookAtTargets(): void {
    const { contexts, ledger, servers, timeline, probeMaxMs } = this.#world;
    const { paused } = ledger.snapshot.counts;
    for (const target of this.#closed.keys())
      if (!ledger.outages.closed.has(target)) this.#closed.delete(target);
    for (const [target] of ledger.outages.closed) {
      const jobs = [...ledger.snapshot.jobs.values()].filter(
        ({ name, target: own = name, state }) =>
          own === target && (state === 'pending' || state === 'active'),
      );
      const isAsked = contexts.some((context) => {
        const known = {
          ...ledger.circumstances(context.environment.now(), context.name),
          isGated: () => false,
        };
        const names = this.#namesOf(context);
        const isIdle = this.#freeSince(context) !== undefined && context.offlineUntil <= timeline.elapsed;
        return isIdle && known.inOrder && jobs.some((job) => isClaimable(job, { names }, known));
      });
      const isWell = servers.wellSince(target) !== undefined && isAsked && !paused;
      if (!isWell) {
        this.#closed.delete(target);
        continue;
      }
      const lost = ledger.outages.lostTries(target);
      const known = this.#closed.get(target);
      // Whoever tried it has vanished with the answer: it is tried again.
      const seen = known?.lost === lost ? known : { since: timeline.elapsed, lost };
      this.#closed.set(target, seen);
      const waitedMs = timeline.elapsed - seen.since;
      if (waitedMs > (jobs.length + 2) * 1.1 * probeMaxMs + PATIENCE_MS)
        this.#complain('what can be reached opens', `${target} is closed for ${waitedMs} ms, and is well`);
    }
  }

  #lookAt(context: Context): void {
    const { ledger, timeline } = this.#world;
    const gated = (target: string) => ledger.outages.isGated(target, context.worker?.id);
    const known = { ...ledger.circumstances(context.environment.now(), context.name), isGated: gated };
    const waited = this.#waiting.get(context);
    const waiting = new Map<string, number>();
    this.#waiting.set(context, waiting);
    const freeSince = this.#freeSince(context);
    if (freeSince !== undefined) this.#lookAtDone(context, freeSince);
    if (freeSince === undefined || !known.inOrder) return;
    const names = this.#namesOf(context);
    const hasRoom = roomIn(ledger.snapshot, context.part.limits);
    for (const job of ledger.snapshot.jobs.values()) {
      const overdue = !ledger.snapshot.counts.paused && isClaimable(job, { names }, known) && hasRoom(job);
      if (!overdue && !isAbandoned(job, known.now) && !isOverAge(job, known.now)) continue;
      const key = `${job.id} ${job.state} ${job.lease?.fence ?? ''}`;
      const since = waited?.get(key) ?? timeline.elapsed;
      waiting.set(key, since);
      const waitedMs = timeline.elapsed - Math.max(since, freeSince);
      // Whether it is too old was in doubt for a while, if a clock has jumped.
      if (waitedMs > BOUND_MS + (isOverAge(job, known.now) ? DOUBT_MS : 0))
        this.#complain(
          'due means it runs',
          `${job.id} is ${job.state} and due for ${waitedMs} ms while ${context.name} is idle`,
        );
    }
  }

  /** What a handler has done is settled while its worker is well, not when it next wakes. */
  #lookAtDone({ name, healthySince, worker }: Context, freeSince: number): void {
    const { ledger, timeline } = this.#world;
    const doneMs = timeline.elapsed - freeSince;
    if (doneMs <= DONE_MS || timeline.elapsed - healthySince <= WELL_MS) return;
    for (const { id, lease } of ledger.snapshot.jobs.values())
      if (lease?.workerId === worker?.id && lease !== undefined && this.#effects.hasReturned(id, lease.fence))
        this.#complain('what is done is settled', `${name} has kept the outcome of ${id} for ${doneMs} ms`);
  }

  /** Since when it could have taken a job; undefined: it cannot. */
  #freeSince(context: Context): number | undefined {
    const idleSince = this.#effects.idleSince.get(context);
    if (!context.isUp || context.worker === undefined || idleSince === undefined) return undefined;
    if (context.outageUntil > this.#world.timeline.elapsed) return undefined;
    return Math.max(context.healthySince, idleSince);
  }

  /** Those whose gates are known to be open. */
  #namesOf({ jobs, gates, gate: own, laterGate }: Context): ClaimRequest['names'] {
    const isOpen = (gate: Gate | undefined) => (gate === laterGate ? own : gate)?.isOpen() ?? true;
    const open = Object.entries(jobs).filter(([name]) => isOpen(gates[name]) === true);
    return Object.fromEntries(
      open.map(([name, definition]) => [name, { ...knownName(definition), slots: 1 }]),
    );
  }
}

const keyOf = (id: string, lease: Job['lease']): string => `${id}/${lease?.fence}/${lease?.until}`;

const isOverAge = ({ state, expiresAt }: Job, now: number): boolean =>
  state === 'pending' && expiresAt !== undefined && expiresAt + ALIVE_GRACE_MS <= now;

const isAbandoned = ({ lease }: Job, now: number): boolean =>
  lease !== undefined && lease.until + ALIVE_GRACE_MS <= now;
