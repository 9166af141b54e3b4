import { heldUntil } from './control.ts';
import type { Control } from './control-row.ts';
import { hooksOf } from './features.ts';
import { type Found, isPutOff, type JobRow } from './job-row.ts';
import { jobOf } from './look.ts';
import type { ExplainRequest, Explanation, Wait } from './messages.ts';
import { missingFeatures } from './name-marks.ts';
import { closedTarget } from './outage.ts';
import { isPaused } from './pause.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { isSuspect } from './suspect.ts';
import { recordOf, targetOf } from './target.ts';
import { isWorked } from './worked.ts';

type Waiting = Exclude<Found, { at: 'finals' }>;

/** All that the store knows, with the limits that it is told, to keep the job from being claimed now. Changes nothing. */
export function* explain(rows: Rows, request: ExplainRequest, now: number): Step<Explanation | undefined> {
  const control = yield* read(rows.control());
  const found = yield* read(rows.find(request.id));
  if (found === undefined || control === undefined) return undefined;
  const job = yield* jobOf(rows, found);
  if (found.at === 'finals' || job.state !== 'pending') return { job, waits: [] };
  const { row } = found;
  const said = yield* features(rows, control, row, now);
  const waits = [
    ...pauses(control, row),
    ...instants(control, row, now, said.length > 0),
    ...said,
    ...missingFeatures(rows, control, row, now),
    ...company(rows, found),
    ...(request.asksWorkers && !isWorked(control, row, now) ? [{ why: 'no-worker' } as const] : []),
  ];
  return { job, waits };
}

function pauses(control: Control, { name }: JobRow): Wait[] {
  if (!isPaused(control, name)) return [];
  return [control.paused ? { why: 'paused' } : { why: 'paused', name }];
}

function instants(control: Control, row: JobRow, now: number, isSaid: boolean): Wait[] {
  const waits: Wait[] = [];
  // Who put it off says why.
  if (row.due > now && row.spared === undefined && !(isSaid && isPutOff(row)))
    waits.push({ why: 'not-due', until: row.due });
  waits.push(...outage(control, row, now));
  const until = heldUntil(control, row.name);
  if (until > now) waits.push({ why: 'held', until });
  return waits;
}

/** Also of what is parked: most lanes are of one target. */
function outage(control: Control, row: JobRow, now: number): Wait[] {
  const target = targetOf(row);
  const closed = recordOf(control, target)?.closed;
  if (closed !== undefined) return [{ why: 'outage', ...closedTarget(target, closed, now) }];
  if (row.due <= now || row.spared === undefined) return [];
  const reason = row.errors.at(-1)?.message ?? '';
  return [{ why: 'outage', target, since: row.since ?? row.due, reason, nextProbeAt: row.due }];
}

function* features(rows: Rows, control: Control, row: JobRow, now: number): Step<Wait[]> {
  const waits: Wait[] = [];
  for (const feature of hooksOf(rows).explains)
    waits.push(...(yield* feature.explains(rows, control, row, now)));
  return waits;
}

/** What other jobs have to do with it. */
function company(rows: Rows, { at, row }: Waiting): Wait[] {
  const waits: Wait[] = [];
  const { parkedBy } = row;
  if (at === 'parked' && parkedBy === undefined) waits.push(behind(row));
  // Who has it says why itself.
  if (parkedBy !== undefined && !hooksOf(rows).names.has(parkedBy))
    waits.push({ why: 'needs-feature', features: [parkedBy] });
  if (isSuspect(row)) waits.push({ why: 'suspect', crashes: row.crashes });
  return waits;
}

/** A job with a key and no lane follows the one that runs. */
function behind({ lane, idempotencyKey }: JobRow): Wait {
  if (lane !== undefined) return { why: 'lane', lane };
  return { why: 'key', idempotencyKey: idempotencyKey ?? '' };
}
