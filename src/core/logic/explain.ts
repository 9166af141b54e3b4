import type { Draft } from '../job.ts';
import type { Explanation, Wait } from '../messages.ts';
import { heldUntil } from './control.ts';
import { get } from './look.ts';
import { isPaused } from './pause.ts';
import { type Control, type Found, type JobRow, type Rows, read, type Step } from './rows.ts';

/** From this crash on a job is claimed by a worker that runs nothing else. */
const SUSPECT_CRASHES = 2;

/** All that the store knows to keep the job from being claimed now. Changes nothing. */
export function* explain(rows: Rows, id: string, now: number): Step<Explanation | undefined> {
  const job = yield* get(rows, id);
  const control = yield* read(rows.control());
  const found = yield* read(rows.find(id));
  if (job === undefined || found === undefined || control === undefined) return undefined;
  return { job, waits: job.state === 'pending' ? waitsOf(control, found, now) : [] };
}

function waitsOf(control: Control, found: Found, now: number): Wait[] {
  if (found.at === 'finals') return [];
  const { row } = found;
  return [...pauses(control, row), ...instants(control, row, now), ...company(found)];
}

function pauses(control: Control, { name }: JobRow): Wait[] {
  if (!isPaused(control, name)) return [];
  return [control.paused ? { why: 'paused' } : { why: 'paused', name }];
}

function instants(control: Control, row: JobRow, now: number): Wait[] {
  const waits: Wait[] = [];
  if (row.due > now) waits.push({ why: 'not-due', until: row.due });
  const until = heldUntil(control, row.name);
  if (until > now) waits.push({ why: 'held', until });
  return waits;
}

/** A job with a key and no lane follows the one that runs. */
function behind({ blockedBy, lane, idempotencyKey }: JobRow): Wait {
  if (blockedBy !== undefined) return { why: 'dependencies', ids: [...blockedBy] };
  if (lane !== undefined) return { why: 'lane', lane };
  return { why: 'key', idempotencyKey: idempotencyKey ?? '' };
}

/** What other jobs have to do with it. */
function company({ at, row }: Exclude<Found, { at: 'finals' }>): Wait[] {
  const waits: Draft<Wait>[] = [];
  if (at === 'parked') waits.push(behind(row));
  if (row.crashes >= SUSPECT_CRASHES) waits.push({ why: 'suspect', crashes: row.crashes });
  return waits;
}
