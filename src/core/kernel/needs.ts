import type { Lease } from './claims-row.ts';
import { hooksOf } from './features.ts';
import type { Place } from './place.ts';
import type { Rows } from './rows.ts';

/*
 * What must not be run without a feature (something is attached to it that only the feature can read) names that in its row, and so
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

/** Whether the end of a lease is something to the page: it may run the job, or what it may run is counted together with that. */
export const concerns = (rows: Rows, lease: Lease): boolean =>
  !lacks(rows, lease) || hooksOf(rows).opens.length > 0;
