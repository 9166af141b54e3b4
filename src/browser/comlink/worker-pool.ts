import {
  type Environment,
  type HandlerContext,
  InvalidOptionError,
  messageOf,
  systemEnvironment,
} from '../../core/index.ts';
import { inWholeMs } from '../../core/queue/environment.ts';
import { checkCount, checkKnown, checkList, checkMs, checkText } from '../../core/queue/options.ts';
import { PoolThread, type ThreadOptions, thrownIn } from './thread.ts';
import type { TaskEnd } from './thread-face.ts';

export interface WorkerPoolOptions<Name extends string> {
  /** Of the jobs whose handlers run in the pool. */
  readonly names: readonly Name[];
  /** Threads at most; each is made when it is first needed. Default: one less than the machine has cores, at least 1. Minimum 1. */
  readonly size?: number;
  /**
   * How long a handler may go on after its signal was aborted (its time is over, its job was cancelled, its worker stopped): then its thread is
   * terminated. Keep it below the worker's `timeoutGraceMs`. Default 1,000, minimum 0.
   */
  readonly timeoutGraceMs?: number;
  /**
   * What of a payload is moved to the thread rather than copied. The payload is a copy of what is stored, so nothing is lost by it; listeners here see it
   * empty. Default: nothing.
   *
   * @example
   * transfer: { thumbnail: ({ pixels }: Photo) => [pixels] }
   */
  readonly transfer?: { readonly [Each in Name]?: (payload: never) => readonly Transferable[] };
  /** How long a thread may take until it has called `servePool`. Default 20,000, minimum 100. */
  readonly startTimeoutMs?: number;
  readonly environment?: Environment;
}

/** What it returns only its thread knows: `servePool<typeof jobs>` looks at that. */
export type PoolHandler = (payload: unknown, context: HandlerContext) => Promise<never>;

export interface WorkerPool<Name extends string> {
  /** For `work(queue, pool.handlers)`; together with others: `{ ...pool.handlers, ...others }`. */
  readonly handlers: { readonly [Each in Name]: PoolHandler };
  readonly size: number;
  /** How many there are now. */
  readonly threads: number;
  /** Ends all threads at once; what they run goes back, its attempt uncounted. Stop the worker first. */
  close(): void;
}

const OPTIONS = ['names', 'size', 'timeoutGraceMs', 'transfer', 'startTimeoutMs', 'environment'];
const MAX_NAMES = 1_000;
const GRACE_MS = 1_000;
const START_TIMEOUT_MS = 20_000;
const MIN_START_TIMEOUT_MS = 100;
/** A pool whose threads do not start gives its jobs back for so long, and longer each time. */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
/**
 * No thread is made so soon after one has ended: a worker of Firefox (153 ESR) that makes a worker while one that it has terminated is still
 * going is blocked for ever, mostly within twenty times. With 20 ms it took fifty, with 200 ms it was not seen.
 */
const QUIET_MS = 500;

/**
 * Runs handlers in a pool of workers, for work that needs the processor and not the network. A handler that outlives its timeout and grace is terminated
 * with its thread: that costs one attempt, and a new thread is made. A thread that is gone takes no other job along; its own fails (ThreadLostError).
 * Where threads cannot be started (offline, no script), jobs go back uncounted and say so by `job:log`.
 *
 * @example
 * const pool = workerPool(() => new Worker(new URL('./pool-worker.ts', import.meta.url), { type: 'module' }), { names: ['thumbnail'] });
 * const worker = work(queue, pool.handlers, { concurrency: pool.size });
 * await worker.stop();
 * pool.close();
 *
 * @param worker makes a thread: a script that calls `servePool`; or the address of one that is a module
 * @throws InvalidOptionError at once
 */
export function workerPool<const Name extends string>(
  worker: string | URL | (() => Worker),
  options: WorkerPoolOptions<Name>,
): WorkerPool<Name> {
  const given = checkKnown('workerPool options', options, OPTIONS);
  if (typeof worker !== 'function' && typeof worker !== 'string' && !(worker instanceof URL))
    throw new InvalidOptionError('worker', worker, 'a function that makes a Worker, or its address');
  const names = checkList<Name>('names', given.names, MAX_NAMES).map(
    (name) => checkText('names', name) as Name,
  );
  const { transfer = {}, size = defaultSize(), timeoutGraceMs = GRACE_MS } = given;
  for (const [name, each] of Object.entries(transfer))
    if (typeof each !== 'function' || !names.includes(name as Name))
      throw new InvalidOptionError(
        `transfer[${JSON.stringify(name)}]`,
        each,
        'a function, for one of `names`',
      );
  const make = typeof worker === 'function' ? worker : () => new Worker(worker, { type: 'module' });
  const pool = new Pool(make, checkCount('size', size), transfer as Transfers, {
    environment: inWholeMs(given.environment ?? systemEnvironment),
    timeoutGraceMs: checkMs('timeoutGraceMs', timeoutGraceMs),
    startTimeoutMs: checkMs('startTimeoutMs', given.startTimeoutMs ?? START_TIMEOUT_MS, MIN_START_TIMEOUT_MS),
  });
  const handlerOf =
    (name: Name): PoolHandler =>
    (payload, context) =>
      pool.run(name, payload, context) as Promise<never>;
  return {
    handlers: Object.fromEntries(
      names.map((name) => [name, handlerOf(name)]),
    ) as WorkerPool<Name>['handlers'],
    size,
    get threads() {
      return pool.threads;
    },
    close: () => pool.close(),
  };
}

const defaultSize = (): number => Math.max(1, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1);

type Transfers = Readonly<Record<string, (payload: unknown) => readonly Transferable[]>>;

/** What a run is given in the place of a thread: its time was over before one was free, or the pool was closed. */
const NONE = 'none';
type Place = PoolThread | typeof NONE;

interface Waiter {
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

class Pool {
  readonly #make: () => Worker;
  readonly #size: number;
  readonly #transfers: Transfers;
  readonly #options: ThreadOptions;
  readonly #threads = new Set<PoolThread>();
  readonly #idle: PoolThread[] = [];
  /** Those who wait for one, first come first served. */
  readonly #waiting = new Set<Waiter>();
  #starting = 0;
  #failedStarts = 0;
  /** When the last thread ended. */
  #endedAt = Number.NEGATIVE_INFINITY;
  #tasks = 0;
  readonly #closing = new AbortController();

  constructor(
    make: () => Worker,
    size: number,
    transfers: Transfers,
    how: Omit<ThreadOptions, 'onGone' | 'signal'>,
  ) {
    this.#make = make;
    this.#size = size;
    this.#transfers = transfers;
    this.#options = { ...how, onGone: (thread) => this.#lose(thread), signal: this.#closing.signal };
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  get threads(): number {
    return this.#threads.size;
  }

  async run(name: string, payload: unknown, context: HandlerContext): Promise<unknown> {
    // Before it has a thread: what the app's function throws must cost none.
    const transfer = Object.hasOwn(this.#transfers, name) ? this.#transfers[name]?.(payload) : undefined;
    const thread = await this.#place(context.signal).catch((error) => {
      // Without network there may be no script: nobody's failure.
      context.log(`its pool cannot start a thread: ${messageOf(error)}`);
      return context.release({ delayMs: Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** (this.#failedStarts - 1)) });
    });
    // It has not begun.
    if (thread === NONE) return context.release({ delayMs: PAUSE_MS });
    const { job, attempt, tries, fence } = context;
    const task = { id: ++this.#tasks, name, payload, job, attempt, tries, fence };
    const end = await thread
      .run(task, transfer ?? [], context)
      .catch((error) => {
        if (this.#isClosed) return context.release();
        throw error;
      })
      .finally(() => this.#free(thread));
    return this.#endOf(end, context);
  }

  #endOf(end: TaskEnd, context: HandlerContext): unknown {
    if (end.how === 'threw') throw thrownIn(end);
    if (end.how === 'released') return context.release({ delayMs: end.delayMs });
    for (const { name, payload, options } of end.enqueued) context.enqueue(name, payload as never, options);
    return end.result;
  }

  close(): void {
    this.#closing.abort();
    for (const thread of [...this.#threads]) thread.end(undefined);
    this.#wakeAll();
  }

  /** Rejects with what keeps threads from starting. */
  async #place(signal: AbortSignal): Promise<Place> {
    while (!this.#isClosed && !signal.aborted) {
      const idle = this.#idle.pop();
      if (idle !== undefined) return idle;
      if (this.#threads.size + this.#starting < this.#size) void this.#grow();
      await this.#wait(signal);
    }
    return NONE;
  }

  /** Whoever is first when it is there has it: who asked for it may have run out of time. */
  async #grow(): Promise<void> {
    this.#starting += 1;
    try {
      await this.#quiet();
      if (this.#isClosed) return;
      const thread = await PoolThread.start(this.#make, this.#options);
      this.#failedStarts = 0;
      this.#threads.add(thread);
      if (this.#isClosed) thread.end(undefined);
      else this.#idle.push(thread);
    } catch (error) {
      this.#failedStarts += 1;
      for (const { fail } of [...this.#waiting]) fail(error);
    } finally {
      this.#starting -= 1;
      this.#wakeAll();
    }
  }

  /** Resolves when no thread has ended for a while. */
  async #quiet(): Promise<void> {
    const { now, setTimer } = this.#options.environment;
    for (;;) {
      const restMs = Math.min(QUIET_MS, this.#endedAt + QUIET_MS - now());
      if (restMs <= 0 || this.#isClosed) return;
      await new Promise<void>((resolve) => {
        setTimer(resolve, restMs);
      });
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', waiter.wake);
      };
      const waiter: Waiter = {
        wake: () => {
          leave();
          resolve();
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', waiter.wake, { once: true });
    });
  }

  #free(thread: PoolThread): void {
    if (!thread.isGone) this.#idle.push(thread);
    this.#wakeAll();
  }

  #lose(thread: PoolThread): void {
    this.#threads.delete(thread);
    this.#endedAt = this.#options.environment.now();
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#wakeAll();
  }

  /** Each looks again, in the order in which they came; who finds none waits on behind the others. */
  #wakeAll(): void {
    for (const { wake } of [...this.#waiting]) wake();
  }
}
