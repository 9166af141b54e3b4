import {
  JobCancelledError,
  JobDeadError,
  JobGoneError,
  PayloadError,
  ResultNotKeptError,
} from '../kernel/errors.ts';
import type { Job } from '../kernel/job.ts';
import { sealPayload } from '../kernel/payload.ts';
import { MAX_RESULT_BYTES } from '../kernel/retention.ts';
import type { JobStore } from '../kernel/store.ts';
import type { Emitter } from '../queue/emitter.ts';
import type { Environment } from '../queue/environment.ts';
import { Latch } from '../queue/latch.ts';
import { pauseMs } from '../queue/pause.ts';

/** At most so many jobs are looked at a round, and a round begins so long after the end of the one before. */
const ROUND = 100;
const ROUND_MS = 50;

/** What a handler returned, as it can be kept. Throws PayloadError. */
export function keptResult(result: unknown): unknown {
  const { value, size } = sealPayload(result, { blobs: false, what: 'result' });
  if (size > MAX_RESULT_BYTES)
    throw new PayloadError('result', `has ${size} bytes: at most ${MAX_RESULT_BYTES} are kept`);
  return value;
}

interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A job whose end is waited for: one look serves all who wait. */
interface Awaited {
  readonly waiters: Set<Waiter>;
  lookAt: number;
  /** Looks in a row that found it live. */
  looks: number;
  /** What was heard of its end here. */
  heard?: 'completed' | 'cancelled';
}

export interface ResultsSetup {
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly emitter: Emitter;
}

/**
 * Waits for the ends of jobs, wherever they run. Looks when something is heard, here or from other contexts, and without that less and
 * less often, as nothing that is heard is certain. While nobody waits there is no timer.
 */
export class Results {
  readonly #setup: ResultsSetup;
  readonly #awaited = new Map<string, Awaited>();
  readonly #latch: Latch;
  #isRunning = false;

  constructor(setup: ResultsSetup) {
    this.#setup = setup;
    this.#latch = new Latch(setup.environment);
  }

  of(id: string, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = () => {
        this.#leave(id, waiter);
        reject(signal?.reason);
      };
      const deaf = () => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        resolve: (result) => {
          deaf();
          resolve(result);
        },
        reject: (error) => {
          deaf();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#join(id, waiter);
    });
  }

  /** Something may have changed in another context. */
  hear(): void {
    if (this.#awaited.size === 0) return;
    for (const awaited of this.#awaited.values()) awaited.lookAt = 0;
    this.#latch.wake();
  }

  /** Nothing is waited for any longer. */
  close(error: unknown): void {
    for (const { waiters } of this.#awaited.values()) for (const { reject } of waiters) reject(error);
    this.#awaited.clear();
    this.#latch.wake();
  }

  #join(id: string, waiter: Waiter): void {
    const awaited = this.#awaited.get(id) ?? { waiters: new Set(), lookAt: 0, looks: 0 };
    this.#awaited.set(id, awaited);
    awaited.waiters.add(waiter);
    awaited.lookAt = 0;
    this.#latch.wake();
    if (!this.#isRunning) void this.#run();
  }

  #leave(id: string, waiter: Waiter): void {
    const awaited = this.#awaited.get(id);
    awaited?.waiters.delete(waiter);
    if (awaited?.waiters.size === 0) this.#awaited.delete(id);
    this.#latch.wake(); // The last one takes the timer along.
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const ends = this.#listen();
    while (this.#awaited.size > 0) {
      await this.#latch.sleep(this.#nextLook());
      await this.#round();
    }
    for (const end of ends) end();
    this.#isRunning = false;
  }

  #listen(): (() => void)[] {
    const { emitter } = this.#setup;
    const told = (id: string, heard?: Awaited['heard']) => {
      const awaited = this.#awaited.get(id);
      if (awaited === undefined) return;
      if (heard !== undefined) awaited.heard = heard;
      awaited.lookAt = 0;
      this.#latch.wake();
    };
    return [
      emitter.on('job:completed', ({ job }) => told(job.id, 'completed')),
      emitter.on('job:cancelled', ({ id }) => told(id, 'cancelled')),
      emitter.on('job:dead', ({ job }) => told(job.id)),
    ];
  }

  #nextLook(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { lookAt } of this.#awaited.values()) next = Math.min(next, lookAt);
    return next;
  }

  async #round(): Promise<void> {
    const { environment } = this.#setup;
    const now = environment.now();
    const due = [...this.#awaited].filter(([, { lookAt }]) => lookAt <= now).slice(0, ROUND);
    await Promise.all(due.map(([id, awaited]) => this.#look(id, awaited)));
    if (due.length > 0 && this.#awaited.size > 0)
      await new Promise<void>((resolve) => environment.setTimer(resolve, ROUND_MS));
  }

  async #look(id: string, awaited: Awaited): Promise<void> {
    const { queue, store, environment } = this.#setup;
    awaited.lookAt = environment.now() + pauseMs(awaited.looks++);
    try {
      const job = await store.get({ queue, id });
      if (job === undefined || job.state === 'completed' || job.state === 'dead') this.#end(id, awaited, job);
    } catch (error) {
      // What may be better the next time does not end the wait.
      if (Object(error).retryable !== true) this.#finish(id, awaited, ({ reject }) => reject(error));
    }
  }

  #end(id: string, awaited: Awaited, job: Job | undefined): void {
    if (job !== undefined && 'result' in job)
      // A copy for each: nothing is shared between those who wait.
      this.#finish(id, awaited, ({ resolve }) => resolve(sealPayload(job.result, { blobs: true }).value));
    else this.#finish(id, awaited, ({ reject }) => reject(endOf(id, awaited, job)));
  }

  #finish(id: string, awaited: Awaited, tell: (waiter: Waiter) => void): void {
    if (this.#awaited.get(id) === awaited) this.#awaited.delete(id);
    for (const waiter of awaited.waiters) tell(waiter);
  }
}

function endOf(id: string, { heard }: Awaited, job: Job | undefined): Error {
  if (job?.state === 'dead') return new JobDeadError(id, job.errors.at(-1));
  if (job?.state === 'completed' || heard === 'completed') return new ResultNotKeptError(id);
  return heard === 'cancelled' ? new JobCancelledError(id) : new JobGoneError(id);
}
