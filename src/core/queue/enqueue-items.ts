import { InvalidOptionError } from '../kernel/errors.ts';
import type { Wanted } from './around.ts';
import { MAX_CALL_JOBS } from './committer.ts';
import type { Definitions } from './definitions.ts';
import type { EnqueueItem } from './enqueue-item.ts';
import { checkList, unread } from './options.ts';

/** The items of a list, each read once. */
export function toItems(items: readonly EnqueueItem<Definitions>[]): Wanted[] {
  return checkList('items', items, MAX_CALL_JOBS).map((item, i) => toItem('items', item, i));
}

/** `what`: the option that it is, or the list that it is in. */
export function toItem(what: string, item: EnqueueItem<Definitions>, i?: number): Wanted {
  if (typeof item !== 'object' || item === null)
    throw new InvalidOptionError(placeOf(what, i), item, 'an object with name and payload');
  try {
    const { name, payload, ...options } = item;
    return { name, payload, options };
  } catch (error) {
    throw unread(placeOf(what, i), item, error);
  }
}

const placeOf = (what: string, i: number | undefined): string => (i === undefined ? what : `${what}[${i}]`);
