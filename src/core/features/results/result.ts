import { JobCancelledError, JobDeadError, JobGoneError, ResultNotKeptError } from '../../kernel/errors.ts';
import type { Job, JobId } from '../../kernel/job.ts';
import { sealPayload } from '../../kernel/payload.ts';
import { getting } from '../../operations/get.ts';
import { type Context, contextOf, type HandleOf } from '../../queue/context.ts';
import type { Definitions, ResultOf } from '../../queue/definitions.ts';
import { Latch } from '../../queue/latch.ts';
import { checkKnown, checkSignal, checkText } from '../../queue/options.ts';
import type { Part } from '../../queue/part.ts';
import { pauseMs } from '../../queue/pause.ts';
import { callable } from '../../queue/queue-operation.ts';
import { hearing } from './late-result.ts';

/** At most so many jobs are looked at a round, and a round begins so long after the end of the one before. */
const ROUND = 100;
const ROUND_MS = 50;

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

/**
 * Waits for the ends of jobs, wherever they run. Looks when something is heard, here or from other contexts, and without that less and
 * less often, as nothing that is heard is certain. While nobody waits there is no timer.
 */
class Results implements Part {
  readonly #context: Context;
  readonly #awaited = new Map<string, Awaited>();
  readonly #latch: Latch;
  #isRunning = false;

  constructor(context: Context) {
    this.#context = context;
    this.#latch = new Latch(context.environment);
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

  /** Something may have changed. */
  hearElsewhere(): void {
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
    const context = this.#context;
    const told = (id: string, heard?: Awaited['heard']) => {
      const awaited = this.#awaited.get(id);
      if (awaited === undefined) return;
      if (heard !== undefined) awaited.heard = heard;
      awaited.lookAt = 0;
      this.#latch.wake();
    };
    return [
      context.on('job:completed', ({ job }) => told(job.id, 'completed')),
      context.on('job:cancelled', ({ id }) => told(id, 'cancelled')),
      context.on('job:dead', ({ job }) => told(job.id)),
    ];
  }

  #nextLook(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { lookAt } of this.#awaited.values()) next = Math.min(next, lookAt);
    return next;
  }

  async #round(): Promise<void> {
    const { environment } = this.#context;
    const now = environment.now();
    const due = [...this.#awaited].filter(([, { lookAt }]) => lookAt <= now).slice(0, ROUND);
    await Promise.all(due.map(([id, awaited]) => this.#look(id, awaited)));
    if (due.length > 0 && this.#awaited.size > 0)
      await new Promise<void>((resolve) => environment.setTimer(resolve, ROUND_MS));
  }

  async #look(id: string, awaited: Awaited): Promise<void> {
    awaited.lookAt = this.#context.environment.now() + pauseMs(awaited.looks++);
    try {
      const job = await this.#find(id);
      if (job === undefined || job.state === 'completed' || job.state === 'dead') this.#end(id, awaited, job);
    } catch (error) {
      // What may be better the next time does not end the wait.
      if (Object(error).retryable !== true) this.#finish(id, awaited, ({ reject }) => reject(error));
    }
  }

  /** Where a page without the feature completed it, its result is owed first. */
  async #find(id: string): Promise<Job | undefined> {
    const context = this.#context;
    const job = await context.run(getting, { id });
    if (job !== undefined) return job;
    while (await context.run(hearing, {})) {} // Bounded calls.
    return context.run(getting, { id });
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

/**
 * Resolves with the value that the job's handler returned, as soon as the job is done, wherever it runs, also when it was done before. The job needs
 * `keepResultMs` (or the queue a rule for completed jobs), and all of it `use: [results()]`. Its type is that of the definition, whose name an id of `enqueue` knows. A dead job that is redriven later is waited for by another call.
 *
 * @example
 * const { id } = await queue.enqueue('thumbnail', photo, { keepResultMs: 60_000 });
 * image.src = await result(queue, id, { signal: AbortSignal.timeout(30_000) });
 *
 * @throws JobDeadError when the job is dead, JobCancelledError when it was cancelled here, ResultNotKeptError when it is done and its result
 *   is not kept, JobGoneError when there is no such job; InvalidOptionError; a StoreError that is not `retryable`; StoreClosedError when the
 *   queue is closed; the reason of the signal
 */
export const result = /* @__PURE__ */ callable(
  [getting, hearing],
  async <Jobs extends Definitions = Definitions, Name extends keyof Jobs & string = keyof Jobs & string>(
    queue: HandleOf<Jobs>,
    id: string | JobId<Name>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ResultOf<Jobs[Name]>> => {
    const context = contextOf(queue);
    context.checkOpen();
    const { signal } = checkKnown('result options', options, ['signal']);
    const wanted = context.part(Results).of(checkText('id', id), checkSignal('signal', signal));
    context.listen();
    return wanted as Promise<ResultOf<Jobs[Name]>>;
  },
);
