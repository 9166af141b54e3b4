import {
  type CheckpointContext,
  DeadLetterError,
  type ExchangeAnswer,
  type HandlerContext,
  type Job,
  RetryLaterError,
} from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Clearing } from './clearing.ts';
import type { Context, Running } from './context.ts';
import type { Complain } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { RateRules } from './limit-rules.ts';
import type { Timeline } from './timeline.ts';
import type { SimulatedHandlers } from './workload.ts';
import type { World } from './world.ts';

const DEFAULT_MAX_ATTEMPTS = 10;
/** How long what is deaf keeps its job from its worker: shorter than some are. */
export const OVERLAP_AFTER_MS = 5_000;

/** A handler that has begun. */
interface Begun {
  abortedAt: number | undefined;
}

/** What handlers and listeners see must agree with what the store did. */
export class Effects {
  /** By context: since when it runs nothing. */
  readonly idleSince = new Map<Context, number>();
  readonly #world: Pick<World, 'ledger'> & { readonly clearing: Clearing };
  readonly #complain: Complain;
  readonly #time: Timeline;
  /** By worker: the jobs whose handlers have not ended, and of each the last. */
  readonly #running = new Map<string, Map<string, Begun>>();
  #rates = new RateRules();
  readonly #byContext = new Map<Context, number>();
  /** By `id/fence`: the holds that handlers brought. */
  readonly #holds = new Map<
    string,
    { readonly context: Context; readonly name: string; readonly until: number }
  >();
  /** `id/fence` of every start. */
  readonly #started = new Set<string>();
  /** `id/fence` of every handler that has returned. */
  readonly #returned = new Set<string>();
  /** `id/fence` of every handler that said that its job can never be done. */
  readonly #doomed = new Set<string>();
  /** All clocks go alike: each owner knows when its leases end. */
  readonly #steady: boolean;

  constructor(
    world: Pick<World, 'ledger'> & { readonly clearing: Clearing },
    time: Timeline,
    steady: boolean,
    complain: Complain,
  ) {
    this.#world = world;
    this.#time = time;
    this.#steady = steady;
    this.#complain = complain;
  }

  get #ledger(): Ledger {
    return this.#world.ledger;
  }

  /** All that is stored is gone: holds, and what rates have spent, too. */
  forget(): void {
    this.#holds.clear();
    this.#rates = new RateRules();
  }

  hasReturned(id: string, fence: number): boolean {
    return this.#returned.has(`${id}/${fence}`);
  }

  /** Outcomes were carried out. */
  checkSettled({ request, answer }: Exchange): void {
    for (const [i, { id, fence, outcome }] of request.settle.entries()) {
      // Then the store has no hold from it either.
      if (answer.settled[i] !== 'settled') this.#holds.delete(`${id}/${fence}`);
      if (answer.settled[i] !== 'settled') continue;
      const start = `${id}/${fence}`;
      if (outcome.kind === 'retry' && this.#doomed.has(start))
        this.#complain('what cannot be done is dead', `${start} is tried again although its handler gave up`);
      if (outcome.kind === 'complete' && !this.hasReturned(id, fence))
        this.#complain('done means done', `${start} is completed, and no handler has returned`);
    }
  }

  /** Its worker hears now who died in its exchange: each is an event. */
  checkFallen(context: Context, { buried = [] }: ExchangeAnswer): void {
    if (buried.length === 0) return;
    const owed = new Set(buried.map(({ id }) => id));
    const off = context.queue.on('job:dead', ({ job }) => owed.delete(job.id));
    const check = () => {
      off();
      for (const id of owed)
        this.#complain('who dies is told', `${context.name} buried ${id} and told nobody`);
    };
    this.#time.after(1, check, context.life);
  }

  /** What a worker in doubt gives back has not begun. Is asked before the ledger knows of the call. */
  checkGivenBack({ request }: Exchange): void {
    if (request.held === undefined) return;
    const known = new Set([...request.held, ...request.settle.map(({ id }) => id)]);
    for (const { id, lease } of this.#ledger.snapshot.jobs.values())
      if (lease?.workerId === request.workerId && !known.has(id) && this.#started.has(`${id}/${lease.fence}`))
        this.#complain(
          'attempts are counted',
          `${id} had begun under fence ${lease.fence} and is given back as if not`,
        );
  }

  /** Idle costs nothing. */
  checkClosed({ name, timers }: Context): void {
    if (timers > 0) this.#complain('idle means no timers', `${name} is closed and has ${timers} timers`);
  }

  /** Its worker has ended: what still runs was told to stop. */
  checkEnded({ name }: Context, running: Running): void {
    for (const { job, signal } of running)
      if (!signal.aborted)
        this.#complain('ending waits for handlers', `${name} ended a worker that runs ${job.id}`);
  }

  /** The handlers of a worker with so many slots, watched; what has begun and not ended is kept in `running`. */
  watch(context: Context, handlers: SimulatedHandlers, running: Running, slots: number): SimulatedHandlers {
    this.idleSince.set(context, this.#time.elapsed);
    return Object.fromEntries(
      Object.entries(handlers).map(([name, handler]) => [
        name,
        async (payload: unknown, run: HandlerContext & CheckpointContext) => {
          const end = this.#begin(context, run);
          this.#checkLifted(context, run, payload);
          running.add(run);
          this.#checkSlots(context, run, running, slots);
          try {
            const result = await handler?.(payload, run);
            this.#returned.add(`${run.job.id}/${run.fence}`);
            return result;
          } catch (error) {
            const isDoomed = error instanceof DeadLetterError && !run.signal.aborted;
            this.#noteHold(context, run, error);
            if (isDoomed) this.#doomed.add(`${run.job.id}/${run.fence}`);
            throw error;
          } finally {
            running.delete(run);
            end();
          }
        },
      ]),
    );
  }

  /** Its last attempt dies of it. */
  #noteHold(context: Context, { job, attempt, fence, signal }: HandlerContext, error: unknown): void {
    const most = job.maxAttempts ?? context.jobs[job.name]?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
    if (!(error instanceof RetryLaterError) || !error.hold || signal.aborted || attempt >= most) return;
    const until = context.environment.now() + error.delayMs;
    this.#holds.set(`${job.id}/${fence}`, { context, name: job.name, until });
  }

  /** Where it came up it is in force at once. */
  #checkHolds(context: Context, name: string, start: string): void {
    const now = context.environment.now();
    for (const [by, hold] of this.#holds)
      if (this.#steady && hold.name === name && hold.context === context && hold.until > now)
        this.#complain('holds', `${start} began ${hold.until - now} ms before the hold by ${by} ends`);
  }

  /** Whose signal is aborted may have lost its slot. */
  #checkSlots({ jobs }: Context, { job }: HandlerContext, running: Running, slots: number): void {
    const wanted = [...running].filter(({ signal }) => !signal.aborted);
    const same = wanted.filter((other) => other.job.name === job.name);
    const { concurrency = slots } = jobs[job.name] ?? {};
    if (wanted.length > slots) this.#complain('limits', `${wanted.length} handlers run in ${slots} slots`);
    if (same.length > concurrency)
      this.#complain('limits', `${same.length} of ${job.name} run, ${concurrency} may`);
  }

  /** An older payload comes in the shape of today; without a schema nothing else becomes of it. */
  #checkLifted({ jobs }: Context, { job }: HandlerContext, payload: unknown): void {
    const { upcast, version = 1, payload: schema } = jobs[job.name] ?? {};
    if (upcast === undefined || schema !== undefined) return;
    let lifted = job.payload;
    for (let from = job.version; from < version; from++) lifted = upcast[from]?.(lifted);
    if (JSON.stringify(lifted) !== JSON.stringify(payload))
      this.#complain(
        'older payloads are lifted',
        `${job.id} of version ${job.version} began as it is stored`,
      );
  }

  #begin(context: Context, { job, attempt, fence, signal }: HandlerContext): () => void {
    const start = `${job.id}/${fence}`;
    if (this.#started.has(start)) this.#complain('one start a claim', `${start} was started twice`);
    this.#started.add(start);
    const gate = context.gates[job.name];
    // What one that answers later said last may be old.
    if (gate !== context.laterGate && gate?.isOpen() === false)
      this.#complain('gates', `${start} began while its gate was closed`);
    this.#checkHolds(context, job.name, start);
    const { rate } = context.part.limits.byName[job.name] ?? {};
    if (this.#steady) this.#rates.begins(job, rate, context.environment.now(), this.#complain);
    const lease = this.#ledger.snapshot.jobs.get(job.id)?.lease;
    if (this.#steady && lease?.fence !== fence && !this.#world.clearing.wasLost(job.id, fence))
      this.#complain(
        'handlers begin under a lease',
        `${start} began; the lease is ${lease?.fence ?? 'gone'}`,
      );
    const most = job.maxAttempts ?? context.jobs[job.name]?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
    if (attempt > most)
      this.#complain('attempts are bounded', `${job.id} began attempt ${attempt} of ${most}`);
    const workerId = job.lease?.workerId ?? '';
    const running = this.#running.get(workerId) ?? new Map<string, Begun>();
    this.#running.set(workerId, running);
    const now = () => context.environment.now();
    if (this.#overlaps(running.get(job.id), now()))
      this.#complain('no overlap', `${job.id} was started in ${workerId} while it still ran there`);
    const begun: Begun = { abortedAt: undefined };
    signal.addEventListener('abort', () => (begun.abortedAt = now()));
    running.set(job.id, begun);
    this.#byContext.set(context, (this.#byContext.get(context) ?? 0) + 1);
    this.idleSince.delete(context);
    return () => {
      if (running.get(job.id) === begun) running.delete(job.id);
      const left = (this.#byContext.get(context) ?? 1) - 1;
      this.#byContext.set(context, left);
      if (left === 0) this.idleSince.set(context, this.#time.elapsed);
    };
  }

  /** Its attempt was over when its signal was aborted, or later. Where clocks were set, how long ago that is is not known. */
  #overlaps(before: Begun | undefined, now: number): boolean {
    if (before === undefined) return false;
    const { abortedAt } = before;
    return abortedAt === undefined || (this.#steady && now < abortedAt + OVERLAP_AFTER_MS);
  }

  /** What a store says of itself is an event of each queue that is open on it. */
  checkTold(
    { name, notices, queue }: Context,
    event: 'store:blocked' | 'store:lost',
    tell: () => void,
  ): void {
    let told = 0;
    const off = queue.on(event, () => (told += 1));
    tell();
    off();
    if (notices.size > 0 && told !== 1)
      this.#complain('what the store says is told', `${name} emitted ${event} ${told} times`);
  }

  /** Never reported done when it was not. */
  listen({ queue }: Context): void {
    const isFinished = ({ id, lease }: Job) => this.#ledger.completions.has(`${id}/${lease?.fence}`);
    queue.on('job:completed', ({ job }) => {
      if (!isFinished(job)) this.#complain('done means done', `${job.id} was reported completed and was not`);
    });
    queue.on('job:enqueued', ({ id }) => {
      if (!this.#ledger.accepted.has(id))
        this.#complain('accepted means stored', `${id} was reported and not stored`);
    });
    queue.on('schedule:skipped', (event) => this.#ledger.schedules.hear(event, this.#complain));
    queue.on('job:dead', ({ job }) => {
      const state = this.#ledger.snapshot.jobs.get(job.id)?.state;
      if (
        job.lease !== undefined &&
        state === 'active' &&
        isSame(this.#ledger.snapshot.jobs.get(job.id), job)
      )
        this.#complain('done means done', `${job.id} was reported dead and is active under the same lease`);
    });
  }
}

type Exchange = Extract<Call, { method: 'exchange' }>;

const isSame = (a: Job | undefined, b: Job): boolean => a?.lease?.fence === b.lease?.fence;
