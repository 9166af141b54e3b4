import * as Comlink from 'comlink';
import {
  deserializeError,
  type Environment,
  type HandlerContext,
  HoldfastError,
  serializeError,
} from '../../core/index.ts';
import { knock, type Opened } from './knock.ts';
import { watchLife } from './life.ts';
import { type Target, targetOf } from './targets.ts';
import {
  POOL,
  type Say,
  type Task,
  type TaskEnd,
  type ThreadContext,
  type ThreadFace,
  type Word,
} from './thread-face.ts';

/**
 * The thread of a pool that ran this job is gone: its script threw outside of the handler, it closed itself, it ran out of memory, somebody
 * terminated it. A failure of the attempt and no crash: its owner, the worker of the queue, is there and has seen it, and what a handler does to
 * its thread is most likely its own doing. So it is among the job's errors, has the job's backoff, and ends after `maxAttempts`.
 */
export class ThreadLostError extends HoldfastError {
  constructor(id: string, why: string) {
    super('ThreadLost', `the thread that ran job ${id} is gone: ${why}`);
  }
}

export interface ThreadOptions {
  readonly environment: Environment;
  readonly startTimeoutMs: number;
  /** How long a handler may go on after its signal was aborted. */
  readonly timeoutGraceMs: number;
  readonly onGone: (thread: PoolThread) => void;
  /** Aborted: those that are not there yet are not waited for any more, and ended. */
  readonly signal: AbortSignal;
}

/** What a thread runs at the moment. */
interface Running {
  readonly task: Task;
  readonly context: HandlerContext;
  readonly fail: (error: unknown) => void;
}

/** One worker of a pool, as the pool has it: it runs one handler at a time. */
export class PoolThread {
  readonly #target: Target;
  readonly #options: ThreadOptions;
  readonly #face: Comlink.Remote<ThreadFace>;
  readonly #unwatch: () => void;
  readonly #unhear: () => void;
  #running: Running | undefined;
  isGone = false;

  /** Rejects when its script cannot be loaded, fails, or serves no pool. */
  static async start(make: () => Worker, options: ThreadOptions): Promise<PoolThread> {
    const target = targetOf(make());
    let thread: PoolThread | undefined;
    try {
      const opened = await knock<Say, ThreadFace>(target, {
        name: POOL,
        guest: {},
        push: (task, word, value) => thread?.hear(task, word, value),
        environment: options.environment,
        timeoutMs: options.startTimeoutMs,
        signal: options.signal,
        call: 'servePool',
      });
      thread = new PoolThread(target, opened, options);
      return thread;
    } catch (error) {
      target.end();
      throw error;
    }
  }

  private constructor(target: Target, { face, port, welcome }: Opened<ThreadFace>, options: ThreadOptions) {
    this.#target = target;
    this.#options = options;
    this.#face = face;
    const { environment } = options;
    this.#unhear = target.onError((message) => this.#lose(message || 'its script failed'));
    this.#unwatch = watchLife({ welcome, port, ping: () => face.ping() }, environment, () =>
      this.#lose('it ended'),
    );
  }

  /** Rejects with ThreadLostError when the thread is gone meanwhile, and with the signal's reason when it was ended for its handler's sake. */
  run(task: Task, transfer: readonly Transferable[], context: HandlerContext): Promise<TaskEnd> {
    const { signal } = context;
    const { environment, timeoutGraceMs } = this.#options;
    return new Promise<TaskEnd>((resolve, reject) => {
      let cancelEnd = (): void => undefined;
      const onAbort = () => {
        this.#face.abort(task.id, serializeError(signal.reason)).catch(() => undefined);
        cancelEnd = environment.setTimer(() => this.end(signal.reason), timeoutGraceMs);
      };
      const settle = () => {
        this.#running = undefined;
        cancelEnd();
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown) => {
        settle();
        reject(error);
      };
      this.#running = { task, context, fail };
      this.#face.run(Comlink.transfer(task, [...transfer])).then((end) => {
        settle();
        resolve(end);
      }, fail);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Whatever it does. What it runs fails with this. */
  end(reason: unknown): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#unwatch();
    this.#unhear();
    this.#target.end();
    this.#running?.fail(reason);
    this.#options.onGone(this);
  }

  #lose(why: string): void {
    this.end(new ThreadLostError(this.#running?.task.job.id ?? 'none', why));
  }

  /** A word of a handler that is over is nobody's. */
  hear(task: number, word: Word, value: unknown): unknown {
    if (this.#running?.task.id !== task) return false;
    const { context } = this.#running;
    if (word === 'progress') return context.progress(value);
    if (word === 'checkpoint') return leave(context, value);
    if (word === 'extend') return context.extend();
    return context.log(String(value));
  }
}

/** Resolves with false where the queue has no `checkpoints` in use: it is not stored. */
const leave = ({ checkpoint }: HandlerContext & Partial<ThreadContext>, value: unknown): unknown =>
  checkpoint?.(value) ?? false;

/** The error that a handler threw in its thread, with the stack it had there. */
export function thrownIn({ error, stack }: Extract<TaskEnd, { readonly how: 'threw' }>): Error {
  return Object.assign(deserializeError(error), { stack });
}
