import { InvalidOptionError } from '../../kernel/errors.ts';
import { checkList, checkText, reading } from '../../queue/options.ts';
import type { Attempt, EnqueueCall, EnqueueChange, EnqueueResult } from './calls.ts';
import type { Layer } from './through.ts';

/**
 * What goes around each enqueue and each call of a handler in one queue object: the first of the list is the outermost. Each must call
 * `next` exactly once, or throw. What it answers is not used: it sees answers, results and errors, and changes none of them, so nothing
 * is reported stored or done that is not.
 */
export interface Middleware {
  /** Named by errors. Default: its place in the list. */
  readonly name?: string;
  /**
   * Around `enqueue`, each job of `enqueueMany`, `prepare` and the handlers' `context.enqueue`. `next` resolves with the answer and
   * rejects with what refuses the job; what it is given is checked like any caller's. Throwing before `next` refuses the job (and the
   * whole of an `enqueueMany`) with a MiddlewareError whose `cause` is what was thrown, and nothing is stored; so does returning
   * without `next`. What is thrown after the job was stored is told as `worker:error`. Calling `next` again stores nothing more
   * and counts as a throw. A handler's completion waits for it; if it throws then, the attempt has failed.
   * Not around what the store makes itself, and not around what arrives from a queue elsewhere: that one has its own.
   */
  enqueue?(call: EnqueueCall, next: (change?: EnqueueChange) => Promise<EnqueueResult>): unknown;
  /**
   * Around each attempt: `next` reads the payload (upcasts, schema), calls the handler, resolves with its result and rejects with what it
   * throws, or with the PayloadError for which the job is dead. A middleware that throws (before or after), returns without `next`, or
   * calls it twice makes the attempt a failed one like the handler's own throw, with a MiddlewareError whose `cause` is what was thrown;
   * DeadLetterError and RetryLaterError steer as they do in a handler. The outcome waits for it, and its time counts for `timeoutMs`. A
   * handler that threw has failed, whatever a middleware makes of it; timeouts, cancels, lost leases and fences are as without.
   */
  run?(attempt: Attempt, next: () => Promise<unknown>): unknown;
}

export type EnqueueLayer = Layer<EnqueueCall, EnqueueChange, EnqueueResult>;
export type RunLayer = Layer<Attempt, undefined, unknown>;

const MAX_MIDDLEWARE = 100;

/** What goes around enqueue, and what around each handler, the outermost first. */
export interface Layers {
  readonly enqueue: readonly EnqueueLayer[];
  readonly run: readonly RunLayer[];
}

/** Throws InvalidOptionError. */
export function checkMiddleware(list: unknown = []): Layers {
  const enqueue: EnqueueLayer[] = [];
  const run: RunLayer[] = [];
  for (const [i, middleware] of checkList(
    'middleware',
    list as readonly Middleware[],
    MAX_MIDDLEWARE,
  ).entries()) {
    const option = `middleware[${i}]`;
    reading(option, middleware, () => {
      if (typeof middleware !== 'object' || middleware === null)
        throw new InvalidOptionError(option, middleware, 'an object with enqueue or run');
      const { name = option } = middleware;
      const named = { name: checkText(`${option}.name`, name) };
      const parts = [middleware.enqueue, middleware.run].filter((part) => part !== undefined);
      if (parts.length === 0 || parts.some((part) => typeof part !== 'function'))
        throw new InvalidOptionError(
          option,
          middleware,
          'an object with enqueue(call, next) or run(attempt, next)',
        );
      if (middleware.enqueue !== undefined)
        enqueue.push({ ...named, call: (call, next) => middleware.enqueue?.(call, next) });
      if (middleware.run !== undefined)
        run.push({ ...named, call: (attempt, next) => middleware.run?.(attempt, next) });
    });
  }
  return { enqueue, run };
}
