import type { Control } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import { join } from './order.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

type Keyed = Pick<JobRow, 'id' | 'name' | 'idempotencyKey' | 'seq'>;

const keyOf = ({ name, idempotencyKey = '' }: Keyed): string => join(name, idempotencyKey);

/** A job has died. Costs nothing to one without a key. */
export function* noteBuried(rows: Rows, control: Control, job: JobRow): Step<void> {
  if (job.idempotencyKey === undefined || job.damage !== undefined) return;
  const key = keyOf(job);
  const known = control.buriedKeys === undefined ? undefined : yield* read(rows.record('buriedKey', key));
  if (known === undefined) control.buriedKeys = (control.buriedKeys ?? 0) + 1;
  let { by, newest } = known ?? { by: job.id, newest: job.seq };
  // One that came while this ran follows it.
  for (const { id, seq } of [job, ...(yield* holdersOf(rows, job))])
    if (seq > newest) [by, newest] = [id, seq];
  rows.putRecord('buriedKey', key, { ...known, dead: (known?.dead ?? 0) + 1, by, newest });
}

function* holdersOf(rows: Rows, { name, idempotencyKey = '' }: JobRow): Step<readonly JobRow[]> {
  return (yield* read(rows.keyHolders(name, idempotencyKey))).map(({ row }) => row);
}

/** A dead job is none any more. */
export function* noteUnburied(rows: Rows, control: Control, job: JobRow): Step<void> {
  if (job.idempotencyKey === undefined || control.buriedKeys === undefined) return;
  const key = keyOf(job);
  const known = yield* read(rows.record('buriedKey', key));
  if (known === undefined) return;
  if (known.dead > 1) {
    rows.putRecord('buriedKey', key, { ...known, dead: known.dead - 1 });
    return;
  }
  rows.dropRecord('buriedKey', key);
  if (control.buriedKeys > 1) control.buriedKeys -= 1;
  else delete control.buriedKeys;
}

/** The job has a payload that is newer than all before. Nothing is looked up while no job with a key is dead. */
export function* noteNewer(rows: Rows, control: Control, job: Keyed): Step<void> {
  if (job.idempotencyKey === undefined || control.buriedKeys === undefined) return;
  const key = keyOf(job);
  const known = yield* read(rows.record('buriedKey', key));
  if (known !== undefined) rows.putRecord('buriedKey', key, { ...known, by: job.id, newest: control.seq });
}

/** The job that brought a newer payload with the dead one's key. Undefined: none did. */
export function* newerThan(rows: Rows, control: Control, job: JobRow): Step<string | undefined> {
  if (job.idempotencyKey === undefined || control.buriedKeys === undefined) return undefined;
  const known = yield* read(rows.record('buriedKey', keyOf(job)));
  return known !== undefined && known.by !== job.id && known.newest >= job.seq ? known.by : undefined;
}
