import type { Control } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import { join } from './order.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** The job that holds the key by time, alive or not. Whoever held it so, each page goes by it. */
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

/** Somebody took the job away: its key is free at once. */
export function* freeKey(rows: Rows, control: Control, job: JobRow): Step<void> {
  if (control.keysSwept === undefined || job.idempotencyKey === undefined) return;
  const key = join(job.name, job.idempotencyKey);
  const held = yield* read(rows.record('key', key));
  if (held?.id === job.id) rows.dropRecord('key', key);
}
