import { watch } from '../core/index.ts';
import type { HasContext } from '../core/queue/context.ts';

/** What a view shows of something that it reads from a queue. */
export interface Reading<Value> {
  /** As it was read last. Undefined: not yet, or there is nothing. The same object as long as nothing in it is different. */
  readonly data: Value | undefined;
  /** What the last read failed with; undefined: it did not. It is read again with the next change. */
  readonly error: unknown;
  /** It was not read yet. */
  readonly isPending: boolean;
}

/** Something that is read for as long as somebody looks, and again whenever something may have changed. */
export interface Live<Value> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Reading<Value>;
}

/** Before the first read, and for ever on a server. */
export const PENDING: Reading<never> = { data: undefined, error: undefined, isPending: true };
/** There is nothing to read. */
const NOTHING: Reading<never> = { data: undefined, error: undefined, isPending: false };

/**
 * The first who subscribes begins to read, at most once at a time; with the last who leaves it ends, and what is read then is dropped.
 *
 * @param read undefined: there is nothing to read
 */
export function live<Value>(queue: HasContext, read: (() => Promise<Value>) | undefined): Live<Value> {
  const listeners = new Set<() => void>();
  let snapshot: Reading<Value> = read === undefined ? NOTHING : PENDING;
  let end: (() => void) | undefined;
  let isReading = false;
  let isStale = false;

  const look = async (): Promise<void> => {
    isStale = true;
    if (isReading || read === undefined) return;
    isReading = true;
    while (isStale && listeners.size > 0) {
      isStale = false;
      const next: Reading<Value> = await read().then(
        (data) => ({ data: kept(snapshot.data, data), error: undefined, isPending: false }),
        (error) => ({ ...snapshot, error, isPending: false }),
      );
      if (listeners.size === 0 || isSame(snapshot, next)) continue;
      snapshot = next;
      for (const listener of [...listeners]) listener();
    }
    isReading = false;
  };

  return {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      const own = () => listener();
      listeners.add(own);
      end ??= watch(queue).subscribe(look);
      void look();
      return () => {
        listeners.delete(own);
        if (listeners.size > 0) return;
        end?.();
        end = undefined;
      };
    },
  };
}

/** A reading whose parts are looked up when they are asked for, so that a framework notes who asks. */
export const readBy = <Value>(look: () => Reading<Value>): Reading<Value> => ({
  get data() {
    return look().data;
  },
  get error() {
    return look().error;
  },
  get isPending() {
    return look().isPending;
  },
});

/** What was there, where nothing is different: the whole, or items of a list. */
function kept<Value>(before: Value | undefined, now: Value): Value {
  if (before !== undefined && isSame(before, now)) return before;
  if (!(isPlain(before) && isPlain(now))) return now;
  if (Array.isArray(now)) return now.map((item) => kept(sameId(before, item), item)) as Value;
  const jobs = (now as { jobs?: unknown }).jobs;
  return Array.isArray(jobs) ? { ...now, jobs: kept((before as { jobs?: unknown }).jobs, jobs) } : now;
}

const sameId = (list: unknown, item: { readonly id?: unknown }) =>
  (list as { readonly id?: unknown }[]).find(({ id }) => id === item.id);

/** Of what is neither plain nor a list, only the same object is: whoever shows a Date is drawn anew. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!(isPlain(a) && isPlain(b))) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(a[key], b[key]));
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);
