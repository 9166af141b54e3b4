import { claimedIds } from './claims-row.ts';
import { openControl } from './clock.ts';
import { leaveStream, moveClaimable } from './control.ts';
import type { Control, Stream } from './control-row.ts';
import { isPutOff, type JobRow } from './job-row.ts';
import { liftTargets } from './lift.ts';
import type { RetryNowAnswer, RetryNowRequest } from './messages.ts';
import { withoutTime } from './new-row.ts';
import { streamPrefix } from './order.ts';
import type { Position } from './place.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { targetOf } from './target.ts';

/** Rows that one call reads at most: the rest is the next call's. */
const PAGE = 100;

/**
 * Makes jobs due that wait for another try, and lets closed targets be asked at once. By ids: whatever they wait for an instant for. Else those
 * that were tried before, page by page; delays and instants that somebody named stay. What the server or an operator asked for by name
 * (holds, pauses, rates) stays too.
 */
export function* retryNow(rows: Rows, request: RetryNowRequest, now: number): Step<RetryNowAnswer> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return { due: 0 };
  const claimed = claimedIds(yield* read(rows.claims()));
  const answer =
    request.ids === undefined
      ? yield* ofFilter(rows, control, request, claimed, now)
      : yield* ofIds(rows, control, request.ids, claimed, now);
  rows.putControl(control);
  return answer;
}

function* ofIds(
  rows: Rows,
  control: Control,
  ids: readonly string[],
  claimed: ReadonlySet<string>,
  now: number,
): Step<RetryNowAnswer> {
  const targets = new Set<string>();
  let due = 0;
  for (const id of ids) {
    const found = yield* read(rows.find(id));
    if (found === undefined || found.at === 'finals' || claimed.has(id)) continue;
    targets.add(targetOf(found.row));
    if (found.row.due <= now || isPutOff(found.row)) continue;
    due += 1;
    if (found.at === 'parked') rows.park(dueAt(found.row, now));
    else makeDue(rows, control, found.row, now);
  }
  liftTargets(control, now, true, targets);
  return { due };
}

function* ofFilter(
  rows: Rows,
  control: Control,
  { name, tag, after }: RetryNowRequest,
  claimed: ReadonlySet<string>,
  now: number,
): Step<RetryNowAnswer> {
  const streams = timedStreams(control, name);
  if (after === undefined)
    liftTargets(control, now, true, name === undefined ? undefined : targetsOf(control, name));
  let due = 0;
  let left = PAGE;
  for (const [key, stream] of streams) {
    if (after !== undefined && key < after.stream) continue;
    const low: Position = after?.stream === key ? after : { due: now, seq: Number.MAX_SAFE_INTEGER };
    const page = yield* read(rows.scan({ ...stream, low }, Number.MAX_SAFE_INTEGER, left));
    for (const row of page) {
      if (claimed.has(row.id) || !wasTried(row) || isPutOff(row)) continue;
      if (tag !== undefined && row.tags?.includes(tag) !== true) continue;
      due += 1;
      makeDue(rows, control, row, now);
    }
    left -= page.length;
    const last = page.at(-1);
    if (left === 0 && last !== undefined) return { due, next: { stream: key, due: last.due, seq: last.seq } };
  }
  return { due };
}

/** In the order of their keys, which is the same in each call. */
function timedStreams({ streams }: Control, name: string | undefined): [key: string, stream: Stream][] {
  return streams
    .filter((stream) => stream.timed && (name === undefined || stream.name === name))
    .map((stream): [string, Stream] => [streamPrefix(stream), stream])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const targetsOf = ({ streams }: Control, name: string): Set<string> =>
  new Set(streams.flatMap((stream) => (stream.name === name ? [targetOf(stream)] : [])));

const wasTried = ({ failures, crashes, tries, damage }: JobRow): boolean =>
  damage === undefined && (failures > 0 || crashes > 0 || tries !== undefined);

function makeDue(rows: Rows, control: Control, row: JobRow, now: number): void {
  leaveStream(control, row);
  moveClaimable(rows, control, row, dueAt(row, now));
}

const dueAt = (row: JobRow, now: number): JobRow => ({
  ...withoutTime(row),
  runAt: now,
  due: Math.max(1, now),
});
