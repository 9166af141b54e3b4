import { digits, join } from '../../core/kernel/order.ts';
import type { KeyedUnsorted } from '../../core/kernel/rows.ts';
import type { Unsorted } from '../../core/kernel/unsorted.ts';
import { randomText } from '../../core/random.ts';
import { isLost } from './lost-rows.ts';
import type { Until } from './open-transactions.ts';
import { committed, settled } from './request.ts';
import { UNSORTED } from './schema.ts';

export interface UnsortedRow {
  readonly key: string;
  readonly value: Unsorted;
}

/** Keys of one queue in one context: in order by instant, and then as the calls came. */
export class UnsortedKeys {
  readonly #clock: () => number;
  #context: string | undefined;
  #last = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  now(): number {
    this.#last = Math.max(this.#last, this.#clock());
    return this.#last;
  }

  of(at: number, order: number): string {
    this.#context ??= randomText();
    return join(digits(at), this.#context, digits(order));
  }
}

/** All requests go out at once, and the commit behind them: a page that goes now has stored them. */
export async function putUnsorted(
  database: IDBDatabase,
  queue: string,
  rows: readonly UnsortedRow[],
  until: Until,
): Promise<void> {
  const transaction = database.transaction(UNSORTED, 'readwrite', { durability: 'strict' });
  const done = committed(transaction);
  for (const { key, value } of rows) transaction.objectStore(UNSORTED).put(value, join(queue, key));
  transaction.commit();
  await until(transaction, done);
}

/** Answers whether it was there. */
export function takeUnsorted(
  database: IDBDatabase,
  queue: string,
  key: string,
  until: Until,
): Promise<boolean> {
  const transaction = database.transaction(UNSORTED, 'readwrite', { durability: 'strict' });
  const rows = transaction.objectStore(UNSORTED);
  const at = join(queue, key);
  const done = committed(transaction);
  const taking = async () => {
    const found = await settled(rows.getKey(at));
    rows.delete(at);
    await done;
    return found !== undefined;
  };
  return until(transaction, taking());
}

/** One that no page of ours has stored is left alone. */
export function unsortedOf(queue: string, key: string, stored: unknown): KeyedUnsorted {
  const { at, uses, jobs }: Partial<Unsorted> = Object(isLost(stored) ? undefined : stored);
  const isOne = typeof at === 'number' && Array.isArray(uses) && Array.isArray(jobs);
  return { key: key.slice(join(queue, '').length), ...(isOne && { value: { at, uses, jobs } }) };
}
