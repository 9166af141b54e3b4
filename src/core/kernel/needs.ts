import type { Lease } from './claims-row.ts';
import { hooksOf } from './features.ts';
import type { Draft } from './job.ts';
import type { JobRow } from './job-row.ts';
import { union } from './names.ts';
import type { Place } from './place.ts';
import type { Rows } from './rows.ts';

/*
 * What must not be run without a feature (an attempt left a checkpoint for the next, it reads the results of others) names that in its row, and so
 * in its key, as its version is there: a page without the feature never reads that stream. All else of a job is everybody's: to cancel it, to take
 * it back, to bury it when it is too old.
 */

/** Those that the page lacks. */
export const lacking = (rows: Rows, { needs = [] }: Pick<Place, 'needs'>): string[] =>
  needs.filter((name) => !hooksOf(rows).names.has(name));

/** Whether the page, or the worker elsewhere that uses no more than these, lacks a feature that these jobs are run with. */
export function lacks(rows: Rows, { needs }: Pick<Place, 'needs'>, uses?: readonly string[]): boolean {
  if (needs === undefined) return false;
  const { names } = hooksOf(rows);
  return needs.some((name) => !names.has(name) || uses?.includes(name) === false);
}

/**
 * From now on the claimed job is not run without the feature. `row`: what is to be stored of it. Its lease, whose draft is changed, and its row
 * move to the new place; returns the row that is there. Costs a write only the first time.
 */
export function addNeed(rows: Rows, lease: Draft<Lease>, row: JobRow, feature: string): JobRow {
  const needs = union(row.needs, [feature]);
  if (needs === row.needs) return row;
  const moved = { ...row, needs };
  rows.moveJob(row, moved);
  lease.needs = needs;
  return moved;
}

/** Whether the end of a lease is something to the page: it may run the job, or what it may run is counted together with that. */
export const concerns = (rows: Rows, lease: Lease): boolean =>
  !lacks(rows, lease) || hooksOf(rows).opens.length > 0;
