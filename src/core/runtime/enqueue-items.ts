import { InvalidOptionError } from '../errors.ts';
import { MAX_CALL_JOBS } from './committer.ts';
import type { Definitions } from './definitions.ts';
import { checkList, unread } from './options.ts';
import type { EnqueueItem } from './queue.ts';

/** The items of a batch, each read once. */
export function toItems(items: readonly EnqueueItem<Definitions>[]) {
  return checkList('items', items, MAX_CALL_JOBS).map((item, i) => {
    if (typeof item !== 'object' || item === null)
      throw new InvalidOptionError(`items[${i}]`, item, 'an object with name and payload');
    try {
      const { name, payload, ...options } = item;
      return { name, payload, options };
    } catch (error) {
      throw unread(`items[${i}]`, item, error);
    }
  });
}
