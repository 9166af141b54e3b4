import { followClock } from './clock.ts';
import { newControl } from './control.ts';
import { admit } from './enqueue.ts';
import { StoreError } from './errors.ts';
import { hooksOf } from './features.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import type { Transact, Transaction } from './store.ts';

/** Calls that one transaction sorts in: each may bring as many jobs as an enqueue. */
const AT_A_TIME = 16;

/**
 * For stores that take enqueues unsorted (`PageEnd`): who reads or steers the queue sorts in first what lies there. Not a worker's exchange, which looks at nothing
 * else than jobs: the look at the leases that it begins with, and takes when a page has gone, does it.
 */
export function sorting(transact: Transact, onSorted: (queue: string) => void): Transact {
  return async (transaction) => {
    if (transaction.isPlain || transaction.kind === 'enqueuer') return transact(transaction);
    try {
      return await transact({ ...transaction, run: (rows) => unlessUnsorted(rows, transaction) });
    } catch (error) {
      if (!(error instanceof UnsortedError)) throw error;
    }
    await sortAll(transact, transaction, onSorted);
    return transact(transaction);
  };
}

/** Something lies there that is not sorted in. Nothing was done. */
class UnsortedError extends StoreError {}

/** The look goes out first, and is waited for last. */
function* unlessUnsorted<T>(rows: Rows, { run }: Transaction<T>): Step<T> {
  const looking = rows.isUnsorted?.();
  let answer: { readonly value: T } | { readonly error: unknown };
  try {
    answer = { value: yield* run(rows) };
  } catch (error) {
    answer = { error };
  }
  if (looking !== undefined && (yield* read(looking)))
    throw new UnsortedError('enqueues are not sorted in yet; nothing was changed', { retryable: true });
  if ('error' in answer) throw answer.error;
  return answer.value;
}

async function sortAll(
  transact: Transact,
  { queue, features }: Pick<Transaction<unknown>, 'queue' | 'features'>,
  onSorted: (queue: string) => void,
): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after;
    const sorted: Sorted = await transact({
      ...{ queue, name: 'sort', kind: 'enqueuer', features },
      run: (rows) => {
        rows.features = features;
        return sortIn(rows, from);
      },
      hint: ({ calls }) => (calls > 0 ? 'work' : undefined),
    });
    if (sorted.calls > 0) onSorted(queue);
    after = sorted.after;
  }
}

interface Sorted {
  /** How many were sorted in. */
  readonly calls: number;
  /** There may be more after this key. */
  readonly after: string | undefined;
}

/** Each as if its page had come to it. Limits refuse nothing: it is accepted already. */
function* sortIn(rows: Rows, after: string): Step<Sorted> {
  const found = (yield* read(rows.unsorted?.(after, AT_A_TIME))) ?? [];
  const { names } = hooksOf(rows);
  const mine = found.flatMap(({ key, value }) =>
    value?.uses.every((name) => names.has(name)) ? [{ key, ...value }] : [],
  );
  if (mine.length > 0) {
    const control = (yield* read(rows.control())) ?? newControl(mine[0]?.at ?? 0);
    for (const { key, at, jobs } of mine) {
      // A clock that was behind must not be taken for one that is set back now.
      const now = Math.max(at, control.lastNow);
      yield* followClock(rows, control, now);
      const sealed = jobs.map((spec) => ({ spec, ...rows.codec.seal(spec.payload, spec.sealed) }));
      yield* admit(rows, control, sealed, now);
      rows.dropUnsorted?.(key);
    }
    rows.putControl(control);
  }
  return { calls: mine.length, after: found.length < AT_A_TIME ? undefined : found.at(-1)?.key };
}
