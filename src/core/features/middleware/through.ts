import { MiddlewareError, messageOf } from '../../kernel/errors.ts';

/** One middleware's part around something: `given` is what it sees, `change` what it may pass on. */
export interface Layer<Given, Change, Answer> {
  readonly name: string;
  call(given: Given, next: (change?: Change) => Promise<Answer>): unknown;
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
