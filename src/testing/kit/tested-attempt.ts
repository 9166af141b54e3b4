import {
  type HandlerContext,
  InvalidOptionError,
  type Job,
  type Queue,
  RetryLaterError,
} from '../../core/index.ts';
import { checkCount } from '../../core/queue/options.ts';

export type AnyHandler = (payload: unknown, context: HandlerContext) => unknown;
type Leaves = HandlerContext & { readonly checkpoint: (value: unknown) => Promise<boolean> };

/** How an attempt ended, as its queue says. */
export type AttemptEnd =
  | { readonly outcome: 'completed'; readonly result: unknown }
  | { readonly outcome: 'retried'; readonly error: unknown; readonly counted: boolean }
  | { readonly outcome: 'released' }
  | { readonly outcome: 'dead'; readonly error: unknown };

/** Why attempts before the one under test have failed. */
const EARLIER = 'an earlier attempt';

/** The attempt under test, after those that are before it in the life of its job: all of them are real. */
export class TestedAttempt {
  readonly #handler: AnyHandler;
  readonly #number: number;
  readonly #signal: AbortSignal | undefined;
  readonly #stop: () => Promise<void>;
  /** What an attempt has still to leave for this one. */
  #checkpoint: unknown;
  /** As this attempt has it, once it has begun. */
  #job: Job | undefined;
  #thrown: { readonly error: unknown } | undefined;

  /** `stop`: stops the worker at once. Throws InvalidOptionError. */
  constructor(
    handler: AnyHandler,
    given: { readonly attempt?: number; readonly checkpoint?: unknown; readonly signal?: AbortSignal },
    stop: () => Promise<void>,
  ) {
    this.#handler = handler;
    this.#number = checkCount('attempt', given.attempt ?? 1);
    this.#checkpoint = given.checkpoint;
    this.#signal = given.signal;
    this.#stop = stop;
  }

  /** The handler for the worker. */
  readonly run = async (payload: unknown, context: HandlerContext): Promise<unknown> => {
    // Another attempt, after it: its worker is being stopped.
    if (this.#job !== undefined) return new Promise(() => {});
    if (context.attempt < this.#number) throw new RetryLaterError({ delayMs: 0, message: EARLIER });
    if (this.#checkpoint !== undefined) {
      const left = this.#checkpoint;
      this.#checkpoint = undefined;
      await (context as Leaves).checkpoint(left);
      context.release();
    }
    this.#job = context.job;
    if (this.#signal?.aborted) void this.#stop();
    else this.#signal?.addEventListener('abort', () => void this.#stop(), { once: true });
    try {
      return await this.#handler(payload, context);
    } catch (error) {
      this.#thrown = { error };
      throw error;
    }
  };

  /**
   * How it ended. To be called before the worker begins. A job that dies before this attempt (a schema refuses its payload) ends so, too. Rejects with
   * InvalidOptionError for an attempt that the job does not live to see.
   */
  ended(queue: Pick<Queue, 'on'>): Promise<AttemptEnd> {
    const isThis = ({ job }: { readonly job: Job }) => job === this.#job;
    const thrownOr = (stored: unknown) => (this.#thrown === undefined ? stored : this.#thrown.error);
    return new Promise((resolve, reject) => {
      queue.on('job:completed', (event) => {
        if (isThis(event)) resolve({ outcome: 'completed', result: event.result });
      });
      queue.on('job:retried', (event) => {
        const { error, counted = true } = event;
        if (isThis(event)) resolve({ outcome: 'retried', error: thrownOr(error), counted });
      });
      queue.on('job:released', (event) => {
        if (isThis(event)) resolve({ outcome: 'released' });
      });
      queue.on('job:dead', ({ error }) => {
        if (this.#job === undefined && error.message === EARLIER)
          reject(new InvalidOptionError('attempt', this.#number, `at most ${error.attempt}, its last`));
        else resolve({ outcome: 'dead', error: thrownOr(error) });
      });
    });
  }
}
