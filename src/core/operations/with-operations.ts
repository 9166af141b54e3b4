import { InvalidOptionError } from '../kernel/errors.ts';
import type { Handle } from '../queue/context.ts';

type Bindable = Readonly<Record<string, (queue: never, ...args: never[]) => unknown>>;

/** Functions over a queue as methods. */
export type Bound<Functions extends Bindable> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (
    queue: never,
    ...args: infer Args
  ) => infer Answer
    ? (...args: Args) => Answer
    : never;
};

/**
 * Returns the same queue with functions as methods. Only those that you name are bundled.
 *
 * @example
 * const app = withOperations(queue, { get, explain });
 * const job = await app.get(id);
 *
 * @throws InvalidOptionError for a value that is no function, and for a name that a queue has already
 */
export function withOperations<Face extends Handle, const Functions extends Bindable>(
  queue: Face,
  functions: Functions,
): Face & Bound<Functions> {
  const face = Object.create(queue) as Record<string, unknown>;
  for (const [name, run] of Object.entries(functions)) {
    if (typeof run !== 'function' || name in queue)
      throw new InvalidOptionError(name, run, 'a function under a name that the queue does not have');
    face[name] = (...args: never[]) => run(queue as never, ...args);
  }
  return face as Face & Bound<Functions>;
}
