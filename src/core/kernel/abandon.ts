import { claimedIds } from './claims-row.ts';
import { openControl } from './clock.ts';
import { leaveStream, moveClaimable } from './control.ts';
import type { Control } from './control-row.ts';
import { unreadable } from './damage.ts';
import { admit } from './enqueue.ts';
import type { Draft } from './job.ts';
import { type FinalRow, isPutOff, type JobRow } from './job-row.ts';
import { buryParked, letGoOn } from './lane.ts';
import { waitingUntil } from './lease-ends.ts';
import type { AbandonAnswer, AbandonRequest } from './messages.ts';
import { dropMarks } from './name-marks.ts';
import { claimKey, finalKey, laneKey, laneOf } from './order.ts';
import { dropOwed } from './owed.ts';
import type { FeatureKind } from './records.ts';
import { completedRow } from './retention.ts';
import type { Rows } from './rows.ts';
import type { SealedJob } from './sealed-job.ts';
import { read, type Step } from './step.ts';

/** Rows that one call looks at. */
const PAGE = 500;
/** Enqueues of pages that left: each may bring as many jobs as a call. */
const CALLS = 16;

/** What a feature keeps in a queue that it alone reads. */
export interface LeftBehind {
  /** Its kinds of records, and the field of one that is a job which is to come: it comes now. */
  readonly records?: readonly string[];
  readonly brings?: string;
  /** Its fields of the queue's row, and of jobs. */
  readonly control?: readonly string[];
  readonly job?: readonly string[];
  /** It parks jobs: one whose row does not say whose it is is buried. */
  readonly parks?: true;
  /** Completed jobs stay by its word. */
  readonly keeps?: true;
}

/**
 * The queue forgets a feature, step by step: no end is owed to it, no job needs it or is kept parked or put off by it, no name is marked by it, and what it alone reads is gone. What
 * runs keeps what it has, and owes its end to nobody; its worker ends it as any other.
 */
export function* abandon(
  rows: Rows,
  request: AbandonRequest,
  left: LeftBehind,
  now: number,
): Step<AbandonAnswer> {
  const { feature } = request;
  let { next = 'unsorted ' } = request;
  let freed = 0;
  if (next.startsWith('unsorted ')) {
    const answer = yield* unsorted(rows, feature, next.slice('unsorted '.length));
    if (answer.next !== undefined) return answer;
    ({ freed } = answer);
    next = 'owed ';
  }
  const control = yield* openControl(rows, now);
  if (control === undefined) return { freed, dropped: 0 };
  const at = next.indexOf(' ');
  const step = STEPS[next.slice(0, at) as keyof typeof STEPS];
  const answer = yield* step({ rows, control, feature, left, now }, next.slice(at + 1));
  rows.putControl(control);
  return { ...answer, freed: answer.freed + freed };
}

/** Enqueues that wait for a page with the feature wait for none: the next who reads sorts them in. */
function* unsorted(rows: Rows, feature: string, after: string): Step<AbandonAnswer> {
  const page = (yield* read(rows.unsorted?.(after, CALLS))) ?? [];
  let freed = 0;
  for (const { key, value } of page) {
    if (!value?.uses.includes(feature)) continue;
    freed += value.jobs.length;
    rows.putUnsorted?.(key, { ...value, uses: value.uses.filter((name) => name !== feature) });
  }
  return { freed, dropped: 0, ...(page.length === CALLS && { next: `unsorted ${page.at(-1)?.key}` }) };
}

interface Abandoning {
  readonly rows: Rows;
  readonly control: Control;
  readonly feature: string;
  readonly left: LeftBehind;
  readonly now: number;
}

/** What is walked, in order; `next` says where: the step, and the key behind which it goes on. */
const STEPS = {
  *owed({ rows, control, feature, left }: Abandoning): Step<AbandonAnswer> {
    dropMarks(control, feature);
    for (const field of left.control ?? []) delete control[field as keyof Control];
    const { dropped, more } = yield* dropOwed(rows, control, feature, PAGE);
    return { freed: 0, dropped, next: more ? 'owed ' : 'records ' };
  },
  *records({ rows, control, left: { records = [], brings = '' }, now }: Abandoning): Step<AbandonAnswer> {
    let dropped = 0;
    const brought: SealedJob[] = [];
    for (const kind of records) {
      const page = yield* read(rows.recordsAfter(kind as FeatureKind, '', PAGE - dropped));
      for (const { key, value } of page) {
        rows.dropRecord(kind as FeatureKind, key);
        const job = (value as Readonly<Record<string, SealedJob>>)[brings];
        if (job !== undefined) brought.push(job);
      }
      dropped += page.length;
      if (dropped === PAGE) break;
    }
    // No limit refuses accepted work.
    if (brought.length > 0) yield* admit(rows, control, brought, now);
    return { freed: brought.length, dropped, next: dropped === PAGE ? 'records ' : 'jobs ' };
  },
  *jobs(abandoning: Abandoning, after: string): Step<AbandonAnswer> {
    const { rows, control, now } = abandoning;
    const page = yield* read(rows.jobsAfter(after, PAGE));
    const claimed = claimedIds(yield* read(rows.claims()));
    let freed = 0;
    for (const row of page) {
      if (claimed.has(row.id) || !names(row, abandoning)) continue;
      freed += 1;
      const next = without(row, abandoning);
      leaveStream(control, row);
      moveClaimable(
        rows,
        control,
        row,
        isPutOff(row) && !isPutOff(next) ? waitingUntil(next, row.runAt, now) : next,
      );
    }
    return { freed, dropped: 0, next: nextOf(page, 'jobs', claimKey, 'parked ') };
  },
  *parked(abandoning: Abandoning, after: string): Step<AbandonAnswer> {
    const { rows, control, feature, left, now } = abandoning;
    const page = yield* read(rows.parkedAfter(after, PAGE));
    const isLost = (row: JobRow) => left.parks && row.damage !== undefined && row.parkedBy !== undefined;
    const mine = page.filter((row) => names(row, abandoning) || isLost(row));
    for (const row of mine)
      if (row.damage !== undefined)
        yield* buryParked(rows, control, row, unreadable(row, row.damage.why, now), now);
      else if (row.parkedBy !== feature) rows.park(without(row, abandoning));
      else yield* letGoOn(rows, control, row, without(row, abandoning), now);
    const keyOf = (row: JobRow) => laneKey(laneOf(row) ?? '', row.seq);
    return { freed: mine.length, dropped: 0, next: nextOf(page, 'parked', keyOf, 'dead ') };
  },
  dead: (abandoning: Abandoning, after: string) =>
    finals(abandoning, 'dead', after, abandoning.left.keeps && 'completed '),
  completed: (abandoning: Abandoning, after: string) => finals(abandoning, 'completed', after, undefined),
};

/** Those that have completed are remembered as they would be without the feature. */
function* finals(
  abandoning: Abandoning,
  state: FinalRow['state'],
  after: string,
  then: string | undefined,
): Step<AbandonAnswer> {
  const { rows } = abandoning;
  const page = yield* read(rows.finalsAfter(after, state, PAGE));
  const mine = page.filter(({ job }) => names(job, abandoning));
  for (const final of mine) {
    const job = without(final.job, abandoning);
    rows.dropFinal(final);
    rows.putFinal(state === 'dead' ? { ...final, job } : completedRow(rows, job, final.finishedAt));
  }
  const next = nextOf(page, state, finalKey, then);
  return { freed: mine.length, dropped: 0, ...(next !== undefined && { next }) };
}

/** Whether a call can go on from there. */
export const isCursor = (next: string): boolean =>
  /^(unsorted|owed|records|jobs|parked|dead|completed) /.test(next);

function nextOf<Row, End>(
  page: readonly Row[],
  step: string,
  keyOf: (row: Row) => string,
  end: End,
): string | End {
  const last = page.at(-1);
  return last === undefined || page.length < PAGE ? end : `${step} ${keyOf(last)}`;
}

type Leaving = Pick<Abandoning, 'feature' | 'left'>;

/** A damaged row stays as it is, unless nobody would let it go on. */
function names(row: JobRow, { feature, left: { job = [] } }: Leaving): boolean {
  const { needs = [], owes = [], parkedBy, attached = {}, damage } = row;
  const named = [...needs, ...owes, parkedBy, ...Object.keys(attached)].includes(feature);
  return damage === undefined && (named || job.some((field) => field in row));
}

function without(given: JobRow, { feature, left: { job = [] } }: Leaving): JobRow {
  const { needs, owes, parkedBy, attached = {}, ...rest } = given;
  const row: Draft<JobRow> = rest;
  if (parkedBy !== undefined && parkedBy !== feature) row.parkedBy = parkedBy;
  const others = (list: readonly string[] | undefined) => list?.filter((name) => name !== feature) ?? [];
  if (others(needs).length > 0) row.needs = others(needs);
  if (others(owes).length > 0) row.owes = others(owes);
  const { [feature]: _, ...values } = attached;
  if (Object.keys(values).length > 0) row.attached = values;
  for (const field of job) delete row[field as keyof JobRow];
  return row;
}
