import { InvalidOptionError } from '../errors.ts';
import { MAX_CALL_JOBS } from './committer.ts';
import type { Definitions } from './definitions.ts';
import { checkList, reading } from './options.ts';
import type { EnqueueItem } from './queue.ts';

/** The items of a batch, each read once. */
export function toItems(items: readonly EnqueueItem<Definitions>[]) {
  return checkList('items', items, MAX_CALL_JOBS).map((item, i) => {
    if (typeof item !== 'object' || item === null)
      throw new InvalidOptionError(`items[${i}]`, item, 'an object with name and payload');
    const { name, payload, ...options } = reading(`items[${i}]`, item, () => ({ ...item }));
    return { name, payload, options };
  });
}
