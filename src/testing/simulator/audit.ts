import { claimedIds } from '../../core/kernel/claims-row.ts';
import type { Control } from '../../core/kernel/control-row.ts';
import type { JobRow } from '../../core/kernel/job-row.ts';
import { before, claimKey, laneKey, laneOf, type StreamName, streamPrefix } from '../../core/kernel/order.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { type Maybe, read, type Step } from '../../core/kernel/step.ts';
import { FEATURE_AUDITS } from '../every-feature.ts';
import type { Found } from '../features/found.ts';

const PAGE = 1_000;
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
    ...(yield* wrongByFeatures(rows, { control, claims, jobs, parked })),
  ];
}

function* wrongByFeatures(rows: Rows, found: Found): Step<string[]> {
  const wrong: string[] = [];
  for (const auditOne of FEATURE_AUDITS) wrong.push(...(yield* auditOne(rows, found)));
  return wrong;
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
