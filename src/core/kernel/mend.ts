import { allFinals, allJobs, allParked } from './all-rows.ts';
import { type Claims, claimedIds } from './claims-row.ts';
import { enterStream, findStream, newControl } from './control.ts';
import type { Control } from './control-row.ts';
import { watchAge } from './expiry.ts';
import { hooksOf } from './features.ts';
import type { JobRow } from './job-row.ts';
import { leaseOf } from './new-lease.ts';
import { before, laneOf } from './order.ts';
import { mendOwed, noteOwing, recallOwed } from './owed.ts';
import type { RecordKind } from './records.ts';
import type { Mended, Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** More than anybody can have claimed since the last fence that a job or a lease shows. */
const FENCE_GAP = 1_000_000;

/**
 * Makes anew what of a queue's own rows cannot be read, from the rows of its jobs. What only those rows knew is lost: pauses, holds, how many
 * ever completed, paid rates, the jobs of an open batch. No job is lost, and none runs a second time unseen: who ran it finds its lease lost.
 */
export function* mendQueue(rows: Rows): Step<void> {
  const lost = rows.mend && (yield* read(rows.mend()));
  if (lost === undefined) return;
  const claims = yield* read(rows.claims());
  const control = lost.control ? yield* recount(rows, claims) : yield* read(rows.control());
  if (control === undefined) return;
  if (lost.claims && !lost.control) yield* takeBack(rows, control, claims);
  yield* restore(rows, control, lost);
  for (const feature of hooksOf(rows).recalls) yield* feature.recalls(rows, control, lost);
  rows.putControl(control);
}

/** The queue's row, as its jobs and records say that it was. */
function* recount(rows: Rows, claims: readonly Claims[]): Step<Control> {
  const control: Control = { ...newControl(0), mended: true };
  const leases = claims.flatMap((claim) => claim.leases);
  const claimed = claimedIds(claims);
  for (const row of yield* allJobs(rows)) {
    seen(control, row);
    if (claimed.has(row.id)) continue;
    control.pending += 1;
    enterStream(control, row);
    watchAge(rows, control, row);
  }
  for (const row of yield* allParked(rows)) {
    seen(control, row);
    control.pending += 1;
    watchAge(rows, control, row);
  }
  control.active = leases.length;
  for (const state of ['dead', 'completed'] as const)
    for (const { job, finishedAt } of yield* allFinals(rows, state)) {
      control.seq = Math.max(control.seq, job.seq);
      control.lastNow = Math.max(control.lastNow, finishedAt);
      control[state === 'dead' ? 'dead' : 'remembered'] += 1;
      if (job.haltsLane !== undefined) control.halted = (control.halted ?? 0) + 1;
    }
  for (const { fence, seq } of leases) {
    control.fence = Math.max(control.fence, fence);
    control.seq = Math.max(control.seq, seq);
  }
  control.fence = Math.max(control.fence, control.lastNow) + FENCE_GAP;
  yield* recall(rows, control);
  return control;
}

function seen(control: Control, { seq, size, enqueuedAt, owes }: JobRow): void {
  noteOwing(control, owes);
  control.seq = Math.max(control.seq, seq);
  control.lastNow = Math.max(control.lastNow, enqueuedAt);
  control.bytes += size;
}

/** What the records say. */
function* recall(rows: Rows, control: Control): Step<void> {
  const has = function* (kind: RecordKind): Step<boolean> {
    return (yield* read(rows.recordsAfter(kind, '', 1))).length > 0;
  };
  yield* recallOwed(rows, control);
  if (yield* has('key')) control.keysSwept = '';
  if (yield* has('id')) control.idsSwept = '';
}

/** Who holds the jobs of leases that are lost, until they are taken back as those of any worker that is gone. */
const NOBODY = 'nobody';

/** The jobs of leases that are lost: nobody holds them, and they do not wait. Whoever ran them is taken for gone. */
function* takeBack(rows: Rows, control: Control, claims: readonly Claims[]): Step<void> {
  const claimed = claimedIds(claims);
  const isWaiting = (row: JobRow) => {
    const stream = findStream(control, row, row.due !== 0);
    return stream !== undefined && before(stream.low, row);
  };
  const held = (yield* allJobs(rows)).filter((row) => !claimed.has(row.id) && !isWaiting(row));
  const gone = claims.find(({ workerId }) => workerId === NOBODY) ?? { workerId: NOBODY, leases: [] };
  for (const row of held) {
    control.fence += 1;
    gone.leases.push(leaseOf(row, control.fence, control.lastNow, 0));
  }
  control.active = claimed.size + held.length;
  rows.putClaims(gone);
}

/** Records that jobs would wait for in vain. */
function* restore(rows: Rows, control: Control, { records }: Mended): Step<void> {
  const isLost = (kind: RecordKind) => records.some((record) => record.kind === kind);
  for (const { kind, key } of records) if (kind === 'owed') mendOwed(rows, control, key);
  if (isLost('halt'))
    for (const { job } of yield* allFinals(rows, 'dead'))
      if (job.haltsLane !== undefined) rows.putRecord('halt', laneOf(job) ?? '', { id: job.id });
  if (isLost('expiry'))
    for (const row of [...(yield* allParked(rows)), ...(yield* allJobs(rows))]) watchAge(rows, control, row);
}
