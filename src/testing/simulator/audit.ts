import {
  DEPENDENT,
  ENDED,
  FLOWS,
  type FlowControl,
  type FlowRow,
} from '../../core/features/flows/flow-row.ts';
import { claimedIds } from '../../core/kernel/claims-row.ts';
import type { Control } from '../../core/kernel/control-row.ts';
import type { JobRow } from '../../core/kernel/job-row.ts';
import {
  before,
  claimKey,
  join,
  laneKey,
  laneOf,
  type StreamName,
  seqKey,
  streamPrefix,
} from '../../core/kernel/order.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { type Maybe, read, type Step } from '../../core/kernel/step.ts';

const PAGE = 1_000;
/** A job that waited and is gone: where no flows are, nobody forgets for whom a dead one waited. */
export const LEFT_OF_GONE = 'is left over, and its job is gone';

/**
 * What is wrong with the rows of a queue: counters that differ from recounted rows, low water above a claimable row, leases of nothing.
 * Empty: nothing. For stores that are made of `Rows`; it changes nothing.
 */
export function* audit(rows: Rows): Step<readonly string[]> {
  const control = yield* read(rows.control());
  if (control === undefined) return [];
  const claims = yield* read(rows.claims());
  const leases = claims.flatMap((claim) => claim.leases);
  const claimed = claimedIds(claims);
  const jobs = yield* allOf((key) => rows.jobsAfter(key, PAGE), claimKey);
  const parked = yield* allOf(
    (key) => rows.parkedAfter(key, PAGE),
    (row) => laneKey(laneOf(row) ?? '', row.seq),
  );
  const ids = new Set(jobs.map(({ id }) => id));
  return [
    ...streamsWrong(
      control,
      jobs.filter(({ id }) => !claimed.has(id)),
    ),
    ...differs('leases', leases.length, claimed.size),
    ...differs('active', control.active, leases.length),
    ...differs('pending', control.pending, jobs.length - claimed.size + parked.length),
    ...differs(
      'bytes',
      control.bytes,
      [...jobs, ...parked].reduce((sum, { size }) => sum + size, 0),
    ),
    ...leases.filter(({ id }) => !ids.has(id)).map(({ id }) => `the lease of ${id} is of no job`),
    ...(yield* waitsWrong(rows, parked)),
    ...(yield* leftOver(rows, control, jobs.length + parked.length)),
  ];
}

/** Who waits for others is told by each of them: it will be, or it is being. */
function* waitsWrong(rows: Rows, parked: readonly FlowRow[]): Step<string[]> {
  const wrong: string[] = [];
  const claims = yield* read(rows.claims());
  const owed = yield* read(rows.recordsAfter('owed', join(FLOWS, ''), PAGE));
  for (const { id, seq, blockedBy = [] } of parked)
    for (const other of blockedBy) {
      if ((yield* read(rows.record(DEPENDENT, seqKey(other, seq)))) === undefined)
        wrong.push(`${id} waits for ${other}, which does not know of it`);
      const found = yield* read(rows.find(other));
      const leases = claims.flatMap((claim) => claim.leases).filter((lease) => lease.id === other);
      const isLive = found !== undefined && found.at !== 'finals';
      const tells =
        isLive && (found.row as FlowRow).awaited && leases.every(({ owes }) => owes?.includes(FLOWS));
      const [ended] = yield* read(rows.recordsAfter(ENDED, seqKey(other, seq - 1), 1));
      const isOwed = owed.some(({ key, value }) => key.startsWith(join(FLOWS, '')) && value.job.id === other);
      if (!tells && !isOwed && ended?.value.id !== other)
        wrong.push(`${id} waits for ${other}, which tells nobody`);
    }
  return wrong;
}

/** Once all have ended and heard of it, nothing says any more who waited for whom. */
function* leftOver(rows: Rows, { ended }: FlowControl, live: number): Step<string[]> {
  if (ended) return [];
  const untold = yield* read(rows.recordsAfter(ENDED, '', 1));
  const waiting: { key: string }[] = [];
  // Who is dead may live again with those that it waits for.
  for (const { key, value } of live > 0 ? [] : yield* read(rows.recordsAfter(DEPENDENT, '', PAGE))) {
    const found = yield* read(rows.find(value.id));
    if (found?.at !== 'finals' || found.row.state !== 'dead') waiting.push({ key });
  }
  return [
    ...untold.map(({ key }) => `${JSON.stringify(key)} is left over`),
    ...waiting.map(({ key }) => `${JSON.stringify(key)} ${LEFT_OF_GONE}`),
  ];
}

function* allOf(
  page: (after: string) => Maybe<readonly JobRow[]>,
  keyOf: (row: JobRow) => string,
): Step<JobRow[]> {
  const all: JobRow[] = [];
  for (;;) {
    const last = all.at(-1);
    const found = yield* read(page(last === undefined ? '' : keyOf(last)));
    all.push(...found);
    if (found.length < PAGE) return all;
  }
}

function streamsWrong({ streams }: Control, waiting: readonly JobRow[]): string[] {
  const wrong: string[] = [];
  const there = new Map(streams.map((stream) => [keyOf(stream, stream.timed), stream]));
  if (there.size < streams.length) wrong.push('a stream is there twice');
  const counts = new Map<string, number>();
  for (const row of waiting) {
    const key = keyOf(row, row.due !== 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const low = there.get(key)?.low;
    if (low !== undefined && !before(low, row))
      wrong.push(`low water of ${key} is above ${row.id}, which is claimable`);
  }
  for (const key of new Set([...there.keys(), ...counts.keys()]))
    wrong.push(...differs(`stream ${key}`, there.get(key)?.waiting ?? 0, counts.get(key) ?? 0));
  return wrong;
}

const keyOf = (stream: StreamName, timed: boolean): string =>
  `${streamPrefix(stream)} ${timed ? 'timed' : 'now'}`;

function differs(what: string, counted: number, there: number): string[] {
  return counted === there ? [] : [`${what} counts ${counted}, there are ${there}`];
}
