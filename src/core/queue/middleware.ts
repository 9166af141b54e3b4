import { InvalidOptionError, MiddlewareError, messageOf } from '../kernel/errors.ts';
import type { Job } from '../kernel/job.ts';
import type { EnqueueStatus } from '../kernel/messages.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import { checkList, checkText, reading } from './options.ts';

/** A job on its way into the queue, as a middleware sees it. */
export interface EnqueueCall {
  readonly queue: string;
  readonly name: string;
  /** The one it will have, unless it is a duplicate. */
  readonly id: string;
  /** A copy of what was given; its schema has not seen it yet. */
  readonly payload: unknown;
  readonly options: EnqueueOptions;
  /** Jobs of the same call: 1, or those of an `enqueueMany`. */
  readonly batchSize: number;
  /** The job whose handler enqueues it; absent: no handler does. */
  readonly from?: Job;
}

/** What a middleware passes on in the place of what it was given. */
export interface EnqueueChange {
  readonly payload?: unknown;
  /** All of them: `{ ...call.options, tags: ['eu'] }`. The id stays. */
  readonly options?: EnqueueOptions;
}

/** `prepared`: it is stored later or not at all, with the completion of the job it comes from or by `addTo`. */
export interface EnqueueResult {
  readonly id: string;
  readonly status: EnqueueStatus | 'prepared';
}

/** One call of a handler, as a middleware sees it. */
export interface Attempt {
  readonly queue: string;
  readonly job: Job;
  /** 1-based. */
  readonly attempt: number;
  /** The handler's. */
  readonly signal: AbortSignal;
}

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

/** One middleware's part around something: `given` is what it sees, `change` what it may pass on. */
export interface Layer<Given, Change, Answer> {
  readonly name: string;
  call(given: Given, next: (change?: Change) => Promise<Answer>): unknown;
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

/** What layers go around, and what becomes of an error that comes when they have been through. */
interface Around<Given, Change, Answer> {
  readonly layers: readonly Layer<Given, Change, Answer>[];
  readonly core: (given: Given) => Promise<Answer>;
  readonly changed: (given: Given, change: Change) => Given;
  /** Whether what a layer threw goes on as it is. */
  readonly steers: (thrown: unknown) => boolean;
  /** A layer failed after the core was called; throws what it comes to, if anything. */
  readonly onLate: (error: unknown) => void;
}

/**
 * Calls the layers from the one at `depth` on, in this very turn as far as they do not wait. Comes to what the core comes to: a layer can
 * only keep it from being called, or fail when it has been.
 */
export async function through<Given, Change, Answer>(
  around: Around<Given, Change, Answer>,
  given: Given,
  depth = 0,
): Promise<Answer> {
  const layer = around.layers[depth];
  if (layer === undefined) return around.core(given);
  let inner: Promise<Answer> | undefined;
  let twice: MiddlewareError | undefined;
  const next = (change?: Change): Promise<Answer> => {
    if (inner === undefined) {
      inner = through(around, change === undefined ? given : around.changed(given, change), depth + 1);
      return quietly(inner);
    }
    twice = new MiddlewareError(layer.name, 'called next twice');
    return quietly(Promise.reject(twice));
  };
  const [own] = await Promise.allSettled([called(layer, given, next)]);
  if (inner === undefined)
    throw own.status === 'rejected'
      ? named(around, layer, own.reason)
      : new MiddlewareError(layer.name, 'neither called next nor threw');
  const [end] = await Promise.allSettled([inner]);
  const passedOn = own.status === 'fulfilled' || (end.status === 'rejected' && end.reason === own.reason);
  if (twice !== undefined) around.onLate(twice);
  else if (!passedOn) around.onLate(named(around, layer, own.reason));
  if (end.status === 'rejected') throw end.reason;
  return end.value;
}

/** What it throws at once rejects. */
async function called<Given, Change, Answer>(
  layer: Layer<Given, Change, Answer>,
  given: Given,
  next: (change?: Change) => Promise<Answer>,
): Promise<void> {
  await layer.call(given, next);
}

/** Who does not look at it is told by what the whole comes to. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function named<Given, Change, Answer>(
  { steers }: Around<Given, Change, Answer>,
  { name }: Layer<Given, Change, Answer>,
  thrown: unknown,
): unknown {
  return steers(thrown) ? thrown : new MiddlewareError(name, `threw: ${messageOf(thrown)}`, thrown);
}
