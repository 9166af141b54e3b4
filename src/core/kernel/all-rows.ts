import type { FinalRow, JobRow } from './job-row.ts';
import { claimKey, finalKey, laneKey, laneOf } from './order.ts';
import type { Keyed, RecordKind } from './records.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

const PAGE = 1_000;

/** All rows of a queue at once, for what is done once in its life, if ever. Without their payloads in mind. */
export const allJobs = (rows: Rows): Step<JobRow[]> => all((key) => rows.jobsAfter(key, PAGE), claimKey);

export const allParked = (rows: Rows): Step<JobRow[]> =>
  all(
    (key) => rows.parkedAfter(key, PAGE),
    (row) => laneKey(laneOf(row) ?? '', row.seq),
  );

export const allFinals = (rows: Rows, state: FinalRow['state']): Step<FinalRow[]> =>
  all((key) => rows.finalsAfter(key, state, PAGE), finalKey);

export const allRecords = <Kind extends RecordKind>(rows: Rows, kind: Kind): Step<Keyed<Kind>[]> =>
  all(
    (after) => rows.recordsAfter(kind, after, PAGE),
    ({ key }) => key,
  );

function* all<Row>(
  pageAfter: (key: string) => readonly Row[] | PromiseLike<readonly Row[]>,
  keyOf: (row: Row) => string,
): Step<Row[]> {
  const found: Row[] = [];
  for (let key = ''; ; ) {
    const page = yield* read(pageAfter(key));
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    key = keyOf(last);
  }
}
