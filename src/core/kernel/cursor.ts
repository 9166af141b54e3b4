import type { Stream } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import { goesFirst, hasWaitedLonger } from './order.ts';
import type { Gate } from './target-record.ts';

/** One stream being read. `buffer` holds rows read and not yet taken. */
export interface Cursor {
  readonly stream: Stream;
  buffer: JobRow[];
  /** Nothing due is left to read. */
  dry: boolean;
  /** A feature keeps its head waiting. */
  waits?: true;
  /** Its buffer is all that its target's gate lets go. */
  readonly gate?: Gate;
}

export function byRank(cursors: readonly Cursor[]): Cursor[][] {
  const ranks = new Map<number, Cursor[]>();
  for (const cursor of cursors) {
    const same = ranks.get(cursor.stream.rank);
    if (same === undefined) ranks.set(cursor.stream.rank, [cursor]);
    else same.push(cursor);
  }
  return [...ranks].sort(([a], [b]) => a - b).map(([, same]) => same);
}

/** Whether the head of a cursor may be taken. */
type IsReady = (cursor: Cursor) => boolean;

export function oldestOf(cursors: readonly Cursor[], isReady: IsReady): Cursor | undefined {
  let oldest: Cursor | undefined;
  for (const cursor of cursors)
    if (isReady(cursor) && (oldest === undefined || hasWaitedLonger(head(cursor), head(oldest))))
      oldest = cursor;
  return oldest;
}

export function firstOf(cursors: readonly Cursor[], isReady: IsReady): Cursor | undefined {
  if (cursors.length === 1) return isReady(cursors[0] as Cursor) ? cursors[0] : undefined;
  const first = firstOfKind(cursors, false, isReady);
  const timed = firstOfKind(cursors, true, isReady);
  if (first === undefined || timed === undefined) return first ?? timed;
  return goesFirst(head(timed), head(first)) ? timed : first;
}

/** Heads are compared inside a kind first: between the kinds the order is by waiting, which clocks can bend. */
function firstOfKind(cursors: readonly Cursor[], timed: boolean, isReady: IsReady): Cursor | undefined {
  let first: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.stream.timed !== timed || !isReady(cursor)) continue;
    if (first === undefined || goesFirst(head(cursor), head(first))) first = cursor;
  }
  return first;
}

export const head = (cursor: Cursor): JobRow => cursor.buffer[0] as JobRow;
