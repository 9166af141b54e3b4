/** What a store returns for a read: the value at once, or a promise of it. */
export type Maybe<T> = T | PromiseLike<T>;

/** A rule that runs: it yields the reads it has to wait for, so that one text serves synchronous and asynchronous stores. */
export type Step<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** `yield* read(rows.control())` */
export function* read<T>(value: Maybe<T>): Step<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

export function isPromise<T>(value: Maybe<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** Runs a rule on a store whose reads all return at once. */
export function runSync<T>(step: Step<T>): T {
  const { done, value } = step.next();
  if (!done) throw new TypeError('a synchronous store answered a read by a promise');
  return value;
}

/** Runs a rule on a store whose reads return promises. Awaits nothing else. */
export async function runAsync<T>(step: Step<T>): Promise<T> {
  let turn = step.next();
  while (!turn.done) turn = step.next(await turn.value);
  return turn.value;
}
