import { attachTo } from './attached.ts';
import type { Claims, Lease } from './claims-row.ts';
import { setHold } from './control.ts';
import type { Control } from './control-row.ts';
import { noteEnd } from './ending.ts';
import { admit } from './enqueue.ts';
import { forgetAge } from './expiry.ts';
import { type Done, hooksOf } from './features.ts';
import { sweepIds } from './id-memory.ts';
import type { JobError } from './job.ts';
import { appendError } from './job-error.ts';
import type { JobRow } from './job-row.ts';
import { sureNow } from './jump.ts';
import {
  dropCancelled,
  dropHead,
  isCancelled,
  keepPlace,
  noteCancelled,
  requeue,
  standBack,
  toDeadLetters,
} from './lease-ends.ts';
import type { ExchangeRequest, Outcome, SettleAnswer, Settlement } from './messages.ts';
import {
  afterCounted,
  type Findings,
  hasMet,
  type MetSettlement,
  noteDone,
  PROBE_MAX_MS,
  unmark,
  waitingFor,
  weigh,
} from './outage.ts';
import type { Place } from './place.ts';
import { countOf } from './probe.ts';
import { completedRow, forget } from './retention.ts';
import type { Rows } from './rows.ts';
import type { Sealed } from './sealed-outcomes.ts';
import { read, type Step } from './step.ts';
import { targetOf } from './target.ts';

/** Ended jobs that may go, looked at per settled batch; twice what one batch can add, so that they never pile up. */
const FORGET_FACTOR = 2;

interface Settling {
  readonly rows: Rows;
  readonly control: Control;
  readonly now: number;
  /** Rows of completed jobs that nothing else depends on: dropped together, before anything looks for them. */
  drops: Place[];
  readonly sealed: Sealed;
  readonly mine: Claims;
  /** What is left of this worker's leases, by id. */
  readonly leases: Map<string, Lease>;
  readonly findings: Findings;
  readonly maxMs: number;
}

type SettleRequest = Pick<ExchangeRequest, 'settle' | 'probeMaxMs'>;

/** Ends leases. A settlement under another fence than the lease's is stale and writes nothing. */
export function* settle(
  rows: Rows,
  control: Control,
  mine: Claims,
  { settle: settlements, probeMaxMs = PROBE_MAX_MS }: SettleRequest,
  sealed: Sealed,
  now: number,
  findings: Findings,
): Step<SettleAnswer[]> {
  const leases = new Map<string, Lease>();
  for (const lease of mine.leases) leases.set(lease.id, lease);
  const fixed = { rows, control, now, sealed, mine, findings, maxMs: probeMaxMs };
  const settling: Settling = { ...fixed, drops: [], leases };
  const answers: SettleAnswer[] = [];
  const { unleased } = hooksOf(rows);
  for (const settlement of settlements) {
    const lease = leases.get(settlement.id);
    const valid = lease !== undefined && lease.fence === settlement.fence;
    if (!valid) {
      answers.push('stale');
      continue;
    }
    leases.delete(lease.id);
    control.active -= 1;
    if (settlement.outcome.kind !== 'unbegun')
      for (let i = 0; i < unleased.length; i++) {
        const steps = unleased[i]?.unleased(rows, control, lease, now, settlement);
        if (steps !== undefined) yield* steps;
      }
    if (settlement.outcome.kind === 'complete') noteDone(settling, lease);
    answers.push(
      isPlain(lease, settlement) ? endPlain(settling, lease) : yield* end(settling, lease, settlement),
    );
  }
  yield* flush(settling);
  // Only with what is written anyway: the counts of the ended are in the control row.
  const written = answers.some((answer) => answer !== 'stale');
  if (written) yield* forget(rows, control, sureNow(control, now), settlements.length * FORGET_FACTOR);
  if (written) yield* sweepIds(rows, control, settlements.length, now);
  return answers;
}

/** From here on rows and leases are as the settlements so far leave them. */
function* flush(settling: Settling): Step<void> {
  const { drops, mine, leases } = settling;
  mine.leases = [...leases.values()];
  settling.drops = [];
  if (drops.length > 0) yield* read(settling.rows.dropJobs(drops));
}

/** It is done, and nobody is to hear of it, to remember it or to go on: as most are. */
function isPlain(lease: Lease, { outcome }: Settlement): boolean {
  if (outcome.kind !== 'complete' || outcome.enqueue !== undefined) return false;
  return lease.lane === undefined && lease.owes === undefined && !lease.remembered;
}

/** Without the steps of `complete`, which are nothing for such a job but what they cost. */
function endPlain(settling: Settling, lease: Lease): SettleAnswer {
  settling.control.completed += 1;
  dropAlone(settling, lease);
  return 'settled';
}

function* end(settling: Settling, lease: Lease, settlement: Settlement): Step<SettleAnswer> {
  const { control } = settling;
  const { outcome } = settlement;
  const met = hasMet(settlement) ? yield* meet(settling, lease, settlement) : undefined;
  if (met !== undefined) return met;
  if (outcome.kind === 'complete') {
    yield* complete(settling, lease, outcome);
  } else if (outcome.kind === 'bury') {
    yield* bury(settling, lease, settlement, outcome.error);
  } else if (outcome.kind === 'cancelled' || isCancelled(lease, outcome.kind === 'unbegun')) {
    yield* noteCancelled(settling.rows, control, lease);
    yield* drop(settling, lease);
    return outcome.kind === 'cancelled' ? 'settled' : 'cancelled';
  } else if (outcome.kind === 'unbegun') {
    yield* standBack(settling.rows, control, lease, settling.now);
  } else {
    if (outcome.kind === 'retry' && outcome.holdUntil !== undefined)
      setHold(control, 'after', lease.name, atMost(outcome.holdUntil, outcome.waitMs, settling.now));
    yield* again(settling, lease, settlement, outcome);
  }
  return 'settled';
}

/** An attempt that its target may have failed. Undefined: what its outcome says is right. */
function* meet(settling: Settling, lease: Lease, settlement: MetSettlement): Step<SettleAnswer | undefined> {
  const { rows, control, now } = settling;
  const { met, outcome } = settlement;
  const row = yield* unfinished(settling, lease, settlement);
  if (row === undefined) return undefined;
  const weighed = weigh(settling, lease, row, met, outcome, yield* thereAre(settling, lease));
  if (weighed === 'counts') return undefined;
  if (lease.cancelRequested) {
    if (weighed !== 'expires' && weighed.row !== undefined && row.since === undefined) unmark(control, lease);
    yield* noteCancelled(rows, control, lease);
    yield* drop(settling, lease);
    return 'cancelled';
  }
  if (weighed === 'expires') {
    yield* bury(settling, lease, settlement, outcome.error);
    return 'expired';
  }
  const { row: changed = settlement.attach === undefined ? undefined : row, at } = weighed;
  if (changed === undefined) yield* standBack(rows, control, lease, now);
  else if (at === undefined) keepPlace(rows, control, row, changed, now);
  else requeue(rows, control, changed, at, now);
  settling.findings.spared[lease.id] = at ?? row.runAt;
  settling.findings.any = true;
  return 'spared';
}

/** How many jobs of its target wait or run, it included. */
function* thereAre({ rows, control, mine, leases }: Settling, lease: Lease): Step<number> {
  const others = (yield* read(rows.claims())).filter((claim) => claim !== mine);
  const left = { workerId: mine.workerId, leases: [...leases.values()] };
  const target = targetOf(lease);
  return 1 + countOf([...others, left], target) + waitingFor(control, target);
}

function* complete(
  settling: Settling,
  lease: Lease,
  outcome: Extract<Outcome, { kind: 'complete' }>,
): Step<void> {
  const { rows, control, now, sealed } = settling;
  const result = sealed.results.get(outcome);
  control.completed += 1;
  const row = lease.remembered ? yield* read(rows.job(lease)) : undefined;
  // Who hears of its end may look at its row, which is not there for that once something of it stays.
  yield* noteEnd(rows, control, lease, 'completed', result);
  if (row !== undefined) remember(settling, { row, outcome, result });
  yield* drop(settling, lease);
  const chained = sealed.chained.get(outcome);
  if (chained === undefined) return;
  yield* flush(settling);
  // No limit refuses accepted work its successor.
  yield* admit(rows, control, chained, now);
}

/** What stays of a job that is done. */
function remember({ rows, control, now }: Settling, done: Done): void {
  if (done.row.dedupeMs !== undefined) done.final = completedRow(rows, done.row, now);
  for (const feature of hooksOf(rows).keeps) feature.keeps(rows, done, now);
  if (done.final === undefined) return;
  rows.putFinal(done.final);
  control.remembered += 1;
}

/** The job is gone: its bytes are free and its lane goes on. */
function* drop(settling: Settling, lease: Lease): Step<void> {
  const { rows, control, now } = settling;
  if (lease.lane === undefined) dropAlone(settling, lease);
  else yield* dropHead(rows, control, lease, now);
}

/** It is in no lane. */
function dropAlone({ rows, control, drops }: Settling, lease: Lease): void {
  control.bytes -= lease.size;
  forgetAge(rows, lease);
  drops.push(lease);
}

/** The row of a settled job that is not done, with what its attempt attached to it. */
function* unfinished(
  { rows, sealed }: Settling,
  lease: Lease,
  settlement: Settlement,
): Step<JobRow | undefined> {
  const row = yield* read(rows.job(lease));
  const attached = sealed.attached.get(settlement);
  if (row === undefined || attached === undefined) return row;
  const next = attachTo(lease, row, attached);
  if (next.needs !== row.needs) rows.moveJob(row, next);
  return next;
}

function* again(
  settling: Settling,
  lease: Lease,
  settlement: Settlement,
  outcome: Extract<Outcome, { runAt: number }>,
): Step<void> {
  const { rows, control, now } = settling;
  const row = yield* unfinished(settling, lease, settlement);
  if (row === undefined) return yield* dropCancelled(rows, control, lease, settling.now);
  const next = outcome.kind === 'retry' ? failedRow(row, outcome.error) : row;
  requeue(rows, control, next, atMost(outcome.runAt, outcome.waitMs, now), now);
}

/** With one failure more, which counts. */
const failedRow = (row: JobRow, error: JobError): JobRow => ({
  ...afterCounted(row),
  failures: row.failures + 1,
  errors: appendError(row.errors, error),
});

/** The instant, which a clock that was wrong may have said, is no further off than its length. */
const atMost = (at: number, waitMs: number | undefined, now: number): number =>
  waitMs === undefined ? at : Math.min(at, now + waitMs);

function* bury(settling: Settling, lease: Lease, settlement: Settlement, error: JobError): Step<void> {
  const { rows, control, now } = settling;
  const row = yield* unfinished(settling, lease, settlement);
  if (row === undefined) return yield* dropCancelled(rows, control, lease, now);
  yield* toDeadLetters(rows, control, failedRow(row, error), now);
}
