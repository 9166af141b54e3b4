import type { Control } from './control-row.ts';
import { type FinalRow, type Found, rowOf } from './job-row.ts';
import { sureNow } from './jump.ts';
import type { JobSpec } from './messages.ts';
import { rememberedUntil } from './order.ts';
import type { IdRow } from './records.ts';
import type { Rows, Rule } from './rows.ts';
import { read, type Step } from './step.ts';

/** Remembered ids looked at per new one: twice as many, so that those that are over never outnumber the others. */
const SWEEP_FACTOR = 2;

/** What a call with this id was answered with before. Undefined: there was none, or it is forgotten. */
export function* recall(rows: Rows, control: Control, id: string): Step<IdRow | undefined> {
  return control.idsSwept === undefined ? undefined : yield* read(rows.record('id', id));
}

/** As long as its job waits, runs or is dead, and then as long as that one's own id. */
export function* stands(rows: Rows, { id, seq, until = 0 }: IdRow, now: number): Step<boolean> {
  if (seq === undefined) return until > now;
  const found = yield* read(rows.find(id));
  return found !== undefined && rowOf(found).seq === seq && isRemembered(found, now);
}

/** Waits, runs or is dead, or was done and is not forgotten. */
const isRemembered = (found: Found, now: number): boolean =>
  found.at !== 'finals' || found.row.state === 'dead' || rememberedUntil(found.row) > now;

/** The job that each of these ids means: its own, or the one that its call was answered with. Undefined: a call with it is the first. */
export const meanings = (ids: readonly string[]): Rule<readonly (string | undefined)[]> =>
  function* (rows, now) {
    const control = yield* read(rows.control());
    const meant: (string | undefined)[] = [];
    for (const id of ids) meant.push(control && (yield* meaning(rows, control, id, now)));
    return meant;
  };

function* meaning(rows: Rows, control: Control, id: string, now: number): Step<string | undefined> {
  const found = yield* read(rows.find(id));
  if (found !== undefined) return isRemembered(found, now) ? id : undefined;
  const known = yield* recall(rows, control, id);
  return known !== undefined && (yield* stands(rows, known, now)) ? known.id : undefined;
}

/** The call of this spec was answered with another job: from here on its id means that one, which is remembered for it when it has completed. */
export function* rememberAnswer(
  rows: Rows,
  control: Control,
  { id, dedupeMs = 0 }: Pick<JobSpec, 'id' | 'dedupeMs'>,
  answered: string,
  now: number,
): Step<void> {
  const found = yield* read(rows.find(answered));
  if (found === undefined || (found.at === 'finals' && found.row.state === 'completed')) {
    if (dedupeMs > 0) putId(rows, control, id, { id: answered, until: now + dedupeMs, forMs: dedupeMs });
    return;
  }
  putId(rows, control, id, { id: answered, seq: rowOf(found).seq });
  if ((rowOf(found).dedupeMs ?? 0) < dedupeMs) yield* rememberFor(rows, found, dedupeMs);
}

/** A dead job goes, but not by anybody's will: a repeat of its call is no first run. */
export function rememberDead(rows: Rows, control: Control, { job, finishedAt }: FinalRow, now: number): void {
  const { dedupeMs: forMs = 0 } = job;
  const until = finishedAt + forMs;
  if (until > now) putId(rows, control, job.id, { id: job.id, until, forMs });
}

function putId(rows: Rows, control: Control, id: string, row: IdRow): void {
  rows.putRecord('id', id, row);
  control.idsSwept ??= '';
}

/** A running job's lease says it too, as that is what its end is told from. */
function* rememberFor(rows: Rows, found: Found, dedupeMs: number): Step<void> {
  if (found.at === 'finals') {
    rows.dropFinal(found.row);
    rows.putFinal({ ...found.row, job: { ...found.row.job, dedupeMs } });
    return;
  }
  const row = { ...found.row, dedupeMs };
  if (found.at === 'parked') {
    rows.park(row);
    return;
  }
  rows.moveJob(found.row, row);
  for (const claim of yield* read(rows.claims())) {
    const lease = claim.leases.find(({ id }) => id === row.id);
    if (lease === undefined || lease.remembered) continue;
    lease.remembered = true;
    rows.putClaims(claim);
  }
}

/** Goes on through the remembered ids, in their order, and drops those that mean nothing any more. */
export function* sweepIds(rows: Rows, control: Control, added: number, now: number): Step<void> {
  const after = control.idsSwept;
  if (after === undefined) return;
  const limit = SWEEP_FACTOR * Math.max(1, added);
  const found = yield* read(rows.recordsAfter('id', after, limit));
  let kept = 0;
  for (const { key, value } of found)
    if (yield* stands(rows, value, sureNow(control, now))) kept += 1;
    else rows.dropRecord('id', key);
  if (found.length === limit) control.idsSwept = found.at(-1)?.key ?? '';
  else if (after !== '' || kept > 0) control.idsSwept = '';
  else delete control.idsSwept;
}
