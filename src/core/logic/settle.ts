import type { JobError } from '../job.ts';
import type { ExchangeRequest, Outcome, SettleAnswer, Settlement } from '../messages.ts';
import { moveClaimable, setHold } from './control.ts';
import { admit, type SealedJob, sealJobs } from './enqueue.ts';
import { appendError } from './job-error.ts';
import { leaveLane, putDead } from './lane.ts';
import { laneOf, rememberedUntil } from './order.ts';
import {
  type Claims,
  type Codec,
  type Control,
  type FinalRow,
  type JobRow,
  type Lease,
  type Place,
  type Rows,
  read,
  type Step,
} from './rows.ts';

/** Remembered ids that are over, looked at per settled batch; twice what one batch can add, so that they never pile up. */
const FORGET_FACTOR = 2;

interface Settling {
  readonly rows: Rows;
  readonly control: Control;
  readonly now: number;
  /** Rows of completed jobs that nothing else depends on: dropped together, before anything looks for them. */
  drops: Place[];
  readonly chained: Chained;
  readonly mine: Claims;
  /** What is left of this worker's leases, by id. */
  readonly leases: Map<string, Lease>;
}

/** What the handlers of completed jobs enqueued, sealed before anything is written. */
export type Chained = ReadonlyMap<Outcome, readonly SealedJob[]>;

export function sealChained(codec: Codec, settlements: ExchangeRequest['settle']): Chained {
  const chained = new Map<Outcome, readonly SealedJob[]>();
  for (const { outcome } of settlements)
    if (outcome.kind === 'complete' && outcome.enqueue !== undefined)
      chained.set(outcome, sealJobs(codec, outcome.enqueue));
  return chained;
}

/** Ends leases. A settlement under another fence than the lease's is stale and writes nothing. */
export function* settle(
  rows: Rows,
  control: Control,
  mine: Claims,
  settlements: ExchangeRequest['settle'],
  chained: Chained,
  now: number,
): Step<SettleAnswer[]> {
  const leases = new Map(mine.leases.map((lease) => [lease.id, lease]));
  const settling: Settling = { rows, control, now, drops: [], chained, mine, leases };
  const answers: SettleAnswer[] = [];
  for (const settlement of settlements) {
    const lease = leases.get(settlement.id);
    const valid = lease !== undefined && lease.fence === settlement.fence;
    if (!valid) {
      answers.push('stale');
      continue;
    }
    leases.delete(lease.id);
    control.active -= 1;
    answers.push(yield* end(settling, lease, settlement));
  }
  yield* flush(settling);
  // Only with what is written anyway: the count of the remembered is in the control row.
  const written = answers.some((answer) => answer !== 'stale');
  if (written && control.remembered > 0) yield* forget(settling, settlements.length * FORGET_FACTOR);
  return answers;
}

/** From here on rows and leases are as the settlements so far leave them. */
function* flush(settling: Settling): Step<void> {
  const { drops, mine, leases } = settling;
  mine.leases = [...leases.values()];
  settling.drops = [];
  if (drops.length > 0) yield* read(settling.rows.dropJobs(drops));
}

function* end(settling: Settling, lease: Lease, { outcome }: Settlement): Step<SettleAnswer> {
  const { control } = settling;
  if (outcome.kind === 'complete') {
    yield* complete(settling, lease, outcome);
  } else if (outcome.kind === 'bury') {
    yield* bury(settling, lease, outcome.error);
  } else if (outcome.kind === 'cancelled' || lease.cancelRequested) {
    control.cancelled += 1;
    yield* drop(settling, lease);
    return outcome.kind === 'cancelled' ? 'settled' : 'cancelled';
  } else {
    if (outcome.kind === 'retry' && outcome.holdUntil !== undefined)
      setHold(control, 'after', lease.name, outcome.holdUntil);
    yield* again(settling, lease, outcome);
  }
  return 'settled';
}

function* complete(
  settling: Settling,
  lease: Lease,
  outcome: Extract<Outcome, { kind: 'complete' }>,
): Step<void> {
  const { rows, control, now } = settling;
  control.completed += 1;
  if (lease.remembered) {
    const job = yield* read(rows.job(lease));
    if (job !== undefined)
      rows.putFinal({
        job: { ...job, payload: rows.codec.seal(undefined).stored },
        state: 'completed',
        finishedAt: now,
      });
    control.remembered += 1;
  }
  yield* drop(settling, lease);
  const chained = settling.chained.get(outcome);
  if (chained === undefined) return;
  yield* flush(settling);
  // No limit refuses accepted work its successor.
  yield* admit(rows, control, chained, now);
}

/** The job is gone: its bytes are free and its lane goes on. */
function* drop({ rows, control, now, drops }: Settling, lease: Lease): Step<void> {
  control.bytes -= lease.size;
  if (lease.lane === undefined) {
    drops.push(lease);
    return;
  }
  yield* read(rows.dropJobs([lease]));
  yield* leaveLane(rows, control, lease.lane, now);
}

function* again(
  { rows, control }: Settling,
  lease: Lease,
  outcome: Extract<Outcome, { runAt: number }>,
): Step<void> {
  const row = yield* read(rows.job(lease));
  if (row === undefined) return;
  const failed =
    outcome.kind === 'retry'
      ? { failures: row.failures + 1, errors: appendError(row.errors, outcome.error) }
      : undefined;
  requeue(rows, control, { ...row, ...failed }, outcome.runAt);
}

/** An active row becomes claimable again from `runAt` on. It stays the head of its lane. */
export function requeue(rows: Rows, control: Control, row: JobRow, runAt: number): void {
  control.pending += 1;
  moveClaimable(rows, control, row, { ...row, runAt, due: Math.max(1, runAt) });
}

function* bury({ rows, control, now }: Settling, lease: Lease, error: JobError): Step<void> {
  const row = yield* read(rows.job(lease));
  if (row === undefined) return;
  yield* toDeadLetters(
    rows,
    control,
    { ...row, failures: row.failures + 1, errors: appendError(row.errors, error) },
    now,
  );
}

/** An active job whose cancel was requested is gone, as its owner gave it up or is gone, and its lane goes on. */
export function* dropCancelled(rows: Rows, control: Control, lease: Lease, now: number): Step<void> {
  control.cancelled += 1;
  control.bytes -= lease.size;
  yield* read(rows.dropJobs([lease]));
  yield* leaveLane(rows, control, lease.lane, now);
}

/** A row of `jobs` ends dead, and its lane goes on. */
export function* toDeadLetters(rows: Rows, control: Control, row: JobRow, now: number): Step<FinalRow> {
  yield* read(rows.dropJobs([row]));
  const final = putDead(rows, control, row, now);
  yield* leaveLane(rows, control, laneOf(row), now);
  return final;
}

/** Drops remembered ids whose time is over. */
function* forget({ rows, control, now }: Settling, limit: number): Step<void> {
  for (const final of yield* read(rows.firstForgotten(limit))) {
    if (rememberedUntil(final) > now) return;
    rows.dropFinal(final);
    control.remembered -= 1;
  }
}
