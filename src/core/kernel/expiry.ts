import type { Control } from './control-row.ts';
import { dying } from './job-error.ts';
import type { JobRow } from './job-row.ts';
import { placeOfFinalKey, positionKey } from './order.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

type Aging = Pick<JobRow, 'expiresAt' | 'seq'>;

const expiryKey = (due: number, seq: number): string => positionKey({ due, seq });

/** A row that waits from now on: what nobody claims in time is found by its age. Costs nothing to a job without one. */
export function watchAge(
  rows: Rows,
  control: Control,
  { expiresAt, seq, id }: Pick<JobRow, 'id' | 'seq' | 'expiresAt'>,
): void {
  if (expiresAt === undefined) return;
  rows.putRecord('expiry', expiryKey(expiresAt, seq), { id });
  control.expiryAt = Math.min(control.expiryAt ?? expiresAt, expiresAt);
}

/** The same for one that comes back as it was: it may be on the list still, and is then not written again. */
export function* watchAgeAgain(
  rows: Rows,
  control: Control,
  job: Pick<JobRow, 'id' | 'seq' | 'expiresAt'>,
): Step<void> {
  if (job.expiresAt === undefined) return;
  const listed = yield* read(rows.record('expiry', expiryKey(job.expiresAt, job.seq)));
  if (listed === undefined) watchAge(rows, control, job);
}

/** The job ended, or has another age. */
export function forgetAge(rows: Rows, { expiresAt, seq }: Aging): void {
  if (expiresAt !== undefined) rows.dropRecord('expiry', expiryKey(expiresAt, seq));
}

/** It may run from now on, or from its instant: its age counts from then. */
export function aging(row: JobRow, now: number): JobRow {
  const { maxAgeMs, expiresAt, runAt } = row;
  return maxAgeMs === undefined || expiresAt !== undefined
    ? row
    : { ...row, expiresAt: Math.max(now, runAt) + maxAgeMs };
}

/** It waits its turn, behind a job of its lane or for others: nobody is too old for that. */
export function ageless(row: JobRow): JobRow {
  if (row.expiresAt === undefined) return row;
  const { expiresAt: _, ...rest } = row;
  return rest;
}

/** The age begins anew. */
export function freshAge({ maxAgeMs }: JobRow, now: number): Partial<JobRow> {
  return maxAgeMs === undefined ? {} : { expiresAt: now + maxAgeMs };
}

/** Too old to begin another attempt. */
export function isExpired({ expiresAt }: Aging, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** The row with the error that it dies of. No attempt failed. */
export function expired(row: JobRow, now: number): JobRow {
  const late = now - (row.expiresAt ?? now);
  const message = `it was not begun within its maxAgeMs, ${row.maxAgeMs}: that was over ${late} ms ago`;
  return dying(row, 'ExpiredError', message, now);
}

/**
 * Ids of up to `limit` jobs whose time is over, off the list from here on: a claimed one is put on it again when it comes back. Moves
 * the queue's next expiry.
 */
export function* takeOverdue(rows: Rows, control: Control, now: number, limit: number): Step<string[]> {
  const found = yield* read(rows.recordsAfter('expiry', '', limit + 1));
  const overdue = found.slice(0, limit).filter(({ key }) => instantOf(key) <= now);
  for (const { key } of overdue) rows.dropRecord('expiry', key);
  const next = found[overdue.length];
  if (next === undefined) delete control.expiryAt;
  else control.expiryAt = instantOf(next.key);
  return overdue.map(({ value }) => value.id);
}

/** What is no instant is met first, and dropped. */
const instantOf = (key: string): number => placeOfFinalKey(key)?.due ?? 0;
