import type { Control } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import { sureNow } from './jump.ts';
import { join } from './order.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** Remembered keys looked at per new one: twice as many, so that those that are over never outnumber the others. */
const SWEEP_FACTOR = 2;

/** The job that holds the key by time, alive or not. */
export function* heldByTime(
  rows: Rows,
  control: Control,
  name: string,
  key: string,
  now: number,
): Step<string | undefined> {
  if (control.keysSwept === undefined) return undefined;
  const held = yield* read(rows.record('key', join(name, key)));
  return held !== undefined && held.until > now ? held.id : undefined;
}

/** The job's key is held until then at least. A later end wins over an earlier one of the same job. */
export function* holdKey(
  rows: Rows,
  control: Control,
  { name, idempotencyKey = '', id }: JobRow,
  until: number,
): Step<void> {
  const key = join(name, idempotencyKey);
  const held = control.keysSwept === undefined ? undefined : yield* read(rows.record('key', key));
  const own = held?.id === id ? held : undefined;
  const last = Math.max(until, own?.until ?? 0);
  // The clock was looked at before, so that this is now, give or take what calls may come out of order.
  rows.putRecord('key', key, { ...own, id, until: last, forMs: Math.max(0, last - control.lastNow) });
  control.keysSwept ??= '';
}

/** Somebody took the job away: its key is free at once. */
export function* freeKey(rows: Rows, control: Control, job: JobRow): Step<void> {
  if (control.keysSwept === undefined || job.idempotencyKey === undefined) return;
  const key = join(job.name, job.idempotencyKey);
  const held = yield* read(rows.record('key', key));
  if (held?.id === job.id) rows.dropRecord('key', key);
}

/** Goes on through the remembered keys, in the order of their names, and drops those whose time is over. */
export function* sweepKeys(rows: Rows, control: Control, added: number, now: number): Step<void> {
  const after = control.keysSwept;
  if (after === undefined) return;
  const limit = SWEEP_FACTOR * Math.max(1, added);
  const sure = sureNow(control, now);
  const found = yield* read(rows.recordsAfter('key', after, limit));
  for (const { key, value } of found) if (value.until <= sure) rows.dropRecord('key', key);
  if (found.length === limit) control.keysSwept = found.at(-1)?.key ?? '';
  else if (after !== '' || found.some(({ value }) => value.until > sure)) control.keysSwept = '';
  else delete control.keysSwept;
}
