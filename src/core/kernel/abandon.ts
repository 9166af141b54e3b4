import { claimedIds } from './claims-row.ts';
import { openControl } from './clock.ts';
import { leaveStream, moveClaimable } from './control.ts';
import type { Control } from './control-row.ts';
import type { Draft } from './job.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import { letGoOn } from './lane.ts';
import type { AbandonAnswer, AbandonRequest } from './messages.ts';
import { dropMarks } from './name-marks.ts';
import { claimKey, finalKey, laneKey, laneOf } from './order.ts';
import { dropOwed } from './owed.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** Rows that one call looks at. */
const PAGE = 500;

/**
 * The queue forgets a feature, step by step: no end is owed to it, no job needs it or is kept parked by it, no name is marked by it. What runs keeps what it has; its worker ends it
 * as any other.
 */
export function* abandon(rows: Rows, request: AbandonRequest, now: number): Step<AbandonAnswer> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return { freed: 0, dropped: 0 };
  const { feature, next = 'owed ' } = request;
  const at = next.indexOf(' ');
  const step = STEPS[next.slice(0, at) as keyof typeof STEPS];
  const answer = yield* step({ rows, control, feature, now }, next.slice(at + 1));
  rows.putControl(control);
  return answer;
}

interface Abandoning {
  readonly rows: Rows;
  readonly control: Control;
  readonly feature: string;
  readonly now: number;
}

/** What is walked, in order; `next` says where: the step, and the key behind which it goes on. */
const STEPS = {
  *owed({ rows, control, feature }: Abandoning): Step<AbandonAnswer> {
    dropMarks(control, feature);
    const { dropped, more } = yield* dropOwed(rows, control, feature, PAGE);
    return { freed: 0, dropped, next: more ? 'owed ' : 'jobs ' };
  },
  *jobs({ rows, control, feature }: Abandoning, after: string): Step<AbandonAnswer> {
    const page = yield* read(rows.jobsAfter(after, PAGE));
    const claimed = claimedIds(yield* read(rows.claims()));
    let freed = 0;
    for (const row of page) {
      if (claimed.has(row.id) || !names(row, feature)) continue;
      freed += 1;
      leaveStream(control, row);
      moveClaimable(rows, control, row, without(row, feature));
    }
    return { freed, dropped: 0, next: nextOf(page, 'jobs', claimKey, 'parked ') };
  },
  *parked({ rows, control, feature, now }: Abandoning, after: string): Step<AbandonAnswer> {
    const page = yield* read(rows.parkedAfter(after, PAGE));
    const mine = page.filter((row) => names(row, feature));
    for (const row of mine)
      if (row.parkedBy !== feature) rows.park(without(row, feature));
      else yield* letGoOn(rows, control, row, without(row, feature), now);
    const keyOf = (row: JobRow) => laneKey(laneOf(row) ?? '', row.seq);
    return { freed: mine.length, dropped: 0, next: nextOf(page, 'parked', keyOf, 'dead ') };
  },
  *dead({ rows, feature }: Abandoning, after: string): Step<AbandonAnswer> {
    const page = yield* read(rows.finalsAfter(after, 'dead', PAGE));
    const mine = page.filter(({ job }) => names(job, feature));
    for (const final of mine) {
      rows.dropFinal(final);
      rows.putFinal({ ...final, job: without(final.job, feature) } satisfies FinalRow);
    }
    const next = nextOf(page, 'dead', finalKey, undefined);
    return { freed: mine.length, dropped: 0, ...(next === undefined ? {} : { next }) };
  },
};

/** Whether a call can go on from there. */
export const isCursor = (next: string): boolean => /^(owed|jobs|parked|dead) /.test(next);

function nextOf<Row, End>(
  page: readonly Row[],
  step: string,
  keyOf: (row: Row) => string,
  end: End,
): string | End {
  const last = page.at(-1);
  return last === undefined || page.length < PAGE ? end : `${step} ${keyOf(last)}`;
}

/** A damaged row stays as it is. */
const names = ({ needs, owes, parkedBy, damage }: JobRow, feature: string): boolean =>
  damage === undefined &&
  (needs?.includes(feature) === true || owes?.includes(feature) === true || parkedBy === feature);

function without({ needs, owes, parkedBy, ...row }: JobRow, feature: string): JobRow {
  const left: Draft<JobRow> = row;
  if (parkedBy !== undefined && parkedBy !== feature) left.parkedBy = parkedBy;
  const others = (list: readonly string[] | undefined) => list?.filter((name) => name !== feature) ?? [];
  if (others(needs).length > 0) left.needs = others(needs);
  if (others(owes).length > 0) left.owes = others(owes);
  return left;
}
