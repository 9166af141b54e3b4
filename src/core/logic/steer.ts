import type {
  CancelAnswer,
  CancelRequest,
  RedriveAnswer,
  RedriveRequest,
  RemoveAnswer,
  SelectRequest,
} from '../messages.ts';
import { untally } from './batch.ts';
import { openControl } from './clock.ts';
import { newControl, setHold } from './control.ts';
import { revealPayload } from './damage.ts';
import { freshAge } from './expiry.ts';
import { goOn } from './flow.ts';
import { freeKey, heldByTime } from './key-memory.ts';
import { dropWaiting, endHalt, leaveLane, place } from './lane.ts';
import { withoutTime } from './new-row.ts';
import { laneOf } from './order.ts';
import { forgetIdleTargets, withoutOutage } from './outage.ts';
import {
  type Claims,
  type Codec,
  type Control,
  type FinalRow,
  type Found,
  type JobRow,
  type Lease,
  type Live,
  type Operation,
  type Rows,
  read,
  type Step,
} from './rows.ts';

/** Runs `each` over the ids and keeps the control row. */
function* overIds<Answer>(
  rows: Rows,
  { ids }: SelectRequest,
  now: number,
  each: (control: Control, found: Found) => Step<Answer>,
): Step<(Answer | 'unknown')[]> {
  const control = yield* openControl(rows, now);
  const answers: (Answer | 'unknown')[] = [];
  for (const id of ids) {
    const found = control && (yield* read(rows.find(id)));
    answers.push(found === undefined ? 'unknown' : yield* each(control as Control, found));
  }
  if (control !== undefined) {
    yield* goOn(rows, control, now);
    yield* forgetIdleTargets(rows, control);
    rows.putControl(control);
  }
  return answers;
}

export function* cancel(rows: Rows, request: CancelRequest, now: number): Step<readonly CancelAnswer[]> {
  let leases: ReadonlyMap<string, Running> | undefined;
  return yield* overIds<CancelAnswer>(rows, request, now, function* (control, found) {
    if (found.at === 'finals') return 'finished';
    leases ??= leasesOf(yield* read(rows.claims()));
    const running = leases.get(found.row.id);
    if (running !== undefined) return requestCancel(rows, running, request.waiting ?? false);
    control.cancelled += 1;
    yield* dropWaiting(rows, control, found, now);
    return 'cancelled';
  });
}

interface Running {
  readonly claim: Claims;
  readonly lease: Lease;
}

/** By the id of their job: many may be asked for while many run. */
function leasesOf(claims: readonly Claims[]): ReadonlyMap<string, Running> {
  const leases = new Map<string, Running>();
  for (const claim of claims) for (const lease of claim.leases) leases.set(lease.id, { claim, lease });
  return leases;
}

/** `waits`: a handler that has begun goes on. */
function requestCancel(rows: Rows, { claim, lease }: Running, waits: boolean): CancelAnswer {
  lease[waits ? 'cleared' : 'cancelRequested'] = true;
  rows.putClaims(claim);
  return waits ? 'running' : 'requested';
}

/** Seals an edited payload at once; what is answered runs in a transaction. */
export function redrive(
  codec: Codec,
  request: RedriveRequest,
  now: number,
): Operation<readonly RedriveAnswer[]> {
  const { edit } = request;
  const edited = edit && editedFields(codec.seal(edit.payload, edit.sealed), edit.version);
  return (rows) => redriveIds(rows, request, edited, now);
}

type Edited = Pick<JobRow, 'version' | 'payload' | 'size'>;

const editedFields = ({ stored, size }: ReturnType<Codec['seal']>, version: number): Edited => ({
  version,
  size,
  payload: stored,
});

function* redriveIds(
  rows: Rows,
  request: SelectRequest,
  edited: Edited | undefined,
  now: number,
): Step<readonly RedriveAnswer[]> {
  return yield* overIds<RedriveAnswer>(rows, request, now, function* (control, found) {
    if (found.at !== 'finals' || found.row.state !== 'dead') return 'not-dead';
    const job = edited === undefined ? found.row.job : withEdit(found.row.job, edited);
    if (!isReadable(rows, job)) return 'unreadable';
    if (job.idempotencyKey !== undefined) {
      const holders = yield* read(rows.keyHolders(job.name, job.idempotencyKey));
      const holder = yield* heldByTime(rows, control, job.name, job.idempotencyKey, now);
      // Those parked behind it wait for it: they follow, as they would have.
      const isAhead = ({ at, row }: Live) =>
        at === 'parked' && job.haltsLane !== undefined && laneOf(row) === laneOf(job);
      if (!holders.every(isAhead) || (holder ?? job.id) !== job.id) return 'duplicate';
    }
    dropFinal(rows, control, found.row);
    yield* untally(rows, job.batch);
    control.pending += 1;
    control.bytes += job.size;
    const anew = { failures: 0, crashes: 0, errors: [], runAt: now, due: Math.max(1, now) };
    // One that halted its lane is its head again.
    const fresh = withoutOutage(withoutTime(endHalt(rows, control, job)));
    yield* place(rows, control, { ...fresh, ...anew, ...freshAge(job, now) });
    return 'redriven';
  });
}

/** What an attempt left for the next belongs to the payload that it had. */
function withEdit({ checkpoint: _, ...job }: JobRow, edited: Edited): JobRow {
  return { ...job, ...edited };
}

function isReadable(rows: Rows, job: JobRow): boolean {
  try {
    revealPayload(rows, job);
    return true;
  } catch {
    return false;
  }
}

export function* remove(rows: Rows, request: SelectRequest, now: number): Step<readonly RemoveAnswer[]> {
  return yield* overIds<RemoveAnswer>(rows, request, now, function* (control, found) {
    if (found.at !== 'finals') return 'live';
    yield* freeKey(rows, control, found.row.job);
    yield* discard(rows, control, found.row, now);
    return 'removed';
  });
}

/** A job that ended goes for good. If it halted its lane, that goes on. */
export function* discard(rows: Rows, control: Control, row: FinalRow, now: number): Step<void> {
  dropFinal(rows, control, row);
  if (row.job.haltsLane === undefined) return;
  endHalt(rows, control, row.job);
  yield* leaveLane(rows, control, laneOf(row.job), now);
}

export function dropFinal(rows: Rows, control: Control, row: FinalRow): void {
  rows.dropFinal(row);
  control[row.state === 'dead' ? 'dead' : 'remembered'] -= 1;
}

export function* hold(rows: Rows, request: { name: string; until: number }, now: number): Step<void> {
  const control = (yield* openControl(rows, now)) ?? newControl(now);
  setHold(control, 'name', request.name, request.until);
  rows.putControl(control);
}
