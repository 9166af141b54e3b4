import type { Claims, Lease } from './claims-row.ts';
import type { Control } from './control-row.ts';
import type { ClaimGuard } from './features.ts';
import type { Draft } from './job.ts';
import type { JobRow } from './job-row.ts';
import type { ClaimedJob, ClaimRequest } from './messages.ts';
import { laneOf } from './order.ts';
import type { Rows } from './rows.ts';
import { claimedJob } from './view.ts';

/** Who claims, and when. */
export interface Claimer {
  readonly rows: Rows;
  readonly control: Control;
  readonly mine: Claims;
  readonly request: ClaimRequest;
  readonly now: number;
  readonly guards: readonly ClaimGuard[];
}

/** On what terms a job is claimed. */
interface Terms {
  readonly isProbe: boolean;
  readonly isFree: boolean;
}

/** Nearly every job's: one object for all of them. */
export const PLAIN_TERMS: Terms = { isProbe: false, isFree: false };

/** What a lease says of its job, from then on for so long. */
export function leaseOf(row: JobRow, fence: number, from: number, leaseMs: number): Draft<Lease> {
  const lane = laneOf(row);
  const held: Draft<Lease> = {
    id: row.id,
    name: row.name,
    version: row.version,
    rank: row.rank,
    due: row.due,
    seq: row.seq,
    fence,
    until: from + leaseMs,
    leaseMs,
    size: row.size,
    remembered: row.dedupeMs !== undefined,
  };
  if (lane !== undefined) held.lane = lane;
  if (row.expiresAt !== undefined) held.expiresAt = row.expiresAt;
  if (row.owes !== undefined) held.owes = row.owes;
  if (row.target !== undefined) held.target = row.target;
  if (row.needs !== undefined) held.needs = row.needs;
  if (row.since !== undefined) held.marked = true;
  return held;
}

/** Leases a row that is out of its stream. The job as its worker gets it. */
export function newLease(
  { rows, control, mine, request, now, guards }: Claimer,
  row: JobRow,
  payload: unknown,
  { isProbe, isFree }: Terms,
): ClaimedJob {
  control.fence += 1;
  control.pending -= 1;
  control.active += 1;
  const held = leaseOf(row, control.fence, now, request.leaseMs);
  if (isProbe) held.probe = true;
  if (isFree || request.names[row.name]?.outage === false) held.free = true;
  mine.leases.push(held);
  const claimed: Draft<ClaimedJob> = {
    job: claimedJob(rows, row, payload, mine.workerId, held),
    fence: held.fence,
  };
  if (row.owes !== undefined) claimed.awaited = true;
  // By index, here and wherever each job comes by its features: an iterator would be made for each.
  for (let i = 0; i < guards.length; i++) guards[i]?.leased?.(held, row, claimed);
  return claimed;
}
