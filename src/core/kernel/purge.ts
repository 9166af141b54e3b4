import { noteUnburied } from './buried-keys.ts';
import { type Claims, claimedIds, type Lease } from './claims-row.ts';
import { leaveStream } from './control.ts';
import type { Control } from './control-row.ts';
import { noteEnd } from './ending.ts';
import { forgetAge } from './expiry.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import { freeKey } from './key-memory.ts';
import { endHalt } from './lane.ts';
import type { PurgeAnswer, PurgeRequest } from './messages.ts';
import type { Rows } from './rows.ts';
import { dropFinal } from './steer.ts';
import { read, type Step } from './step.ts';

/**
 * Removes up to `limit` jobs in whatever state; who runs is asked to stop and stays, unless `force`. When no job is left, also all else that
 * the queue has, so many rows at a time, and itself last: what is interrupted leaves a queue that is whole, with fewer jobs.
 */
export function* purge(rows: Rows, { limit, force }: PurgeRequest): Step<PurgeAnswer> {
  const control = yield* read(rows.control());
  if (control === undefined) return yield* wipe(rows, limit);
  const claims = yield* read(rows.claims());
  if (!force) askToStop(rows, claims);
  let removed = yield* removeParked(rows, control, limit);
  // A head without those behind it is no lane's head: it goes after them.
  if (removed < limit) {
    if (force) removed += yield* removeActive(rows, control, claims);
    removed += yield* removeWaiting(rows, control, claims, limit - removed);
    for (const state of ['dead', 'completed'] as const)
      removed += yield* removeFinals(rows, control, state, limit - removed);
  }
  rows.putControl(control);
  const { active } = control;
  return removed === 0 && active === 0
    ? yield* wipe(rows, limit)
    : { removed, active, more: removed >= limit || active === 0 };
}

function* wipe(rows: Rows, limit: number): Step<PurgeAnswer> {
  return { removed: 0, active: 0, more: (yield* read(rows.wipe(limit))) >= limit };
}

function askToStop(rows: Rows, claims: readonly Claims[]): void {
  for (const claim of claims) {
    for (const lease of claim.leases) lease.cancelRequested = true;
    rows.putClaims(claim);
  }
}

function* removeParked(rows: Rows, control: Control, limit: number): Step<number> {
  const parked = yield* read(rows.parkedAfter('', limit));
  for (const row of parked) {
    yield* leaveAll(rows, control, row);
    rows.unpark(row);
    control.pending -= 1;
    control.bytes -= row.size;
  }
  return parked.length;
}

/** Whoever runs them finds their leases lost. */
function* removeActive(rows: Rows, control: Control, claims: readonly Claims[]): Step<number> {
  const leases: Lease[] = [];
  for (const claim of claims) {
    for (const lease of claim.leases) {
      const row = yield* read(rows.job(lease));
      if (row !== undefined) yield* leaveAll(rows, control, row);
    }
    leases.push(...claim.leases);
    claim.leases = [];
    rows.putClaims(claim);
  }
  yield* read(rows.dropJobs(leases));
  control.active -= leases.length;
  for (const { size } of leases) control.bytes -= size;
  return leases.length;
}

function* removeWaiting(
  rows: Rows,
  control: Control,
  claims: readonly Claims[],
  limit: number,
): Step<number> {
  const claimed = claimedIds(claims);
  if (limit <= 0) return 0;
  const found = yield* read(rows.jobsAfter('', limit + claimed.size));
  const waiting = found.filter(({ id }) => !claimed.has(id)).slice(0, limit);
  if (waiting.length > 0) yield* read(rows.dropJobs(waiting));
  for (const row of waiting) {
    yield* leaveAll(rows, control, row);
    leaveStream(control, row);
    control.pending -= 1;
    control.bytes -= row.size;
  }
  return waiting.length;
}

function* removeFinals(rows: Rows, control: Control, state: FinalRow['state'], limit: number): Step<number> {
  if (limit <= 0) return 0;
  const finals = yield* read(rows.finalsAfter('', state, limit));
  for (const final of finals) {
    yield* freeKey(rows, control, final.job);
    // Nobody is parked any more.
    endHalt(rows, control, final.job);
    if (state === 'dead') yield* noteUnburied(rows, control, final.job);
    dropFinal(rows, control, final);
  }
  return finals.length;
}

/** Nothing keeps what it held: a purge that is interrupted leaves no lane, key or batch waiting for it. */
function* leaveAll(rows: Rows, control: Control, row: JobRow): Step<void> {
  forgetAge(rows, row);
  yield* freeKey(rows, control, row);
  yield* noteEnd(rows, control, row, 'cancelled');
}
