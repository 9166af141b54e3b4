import { unreadable } from '../../kernel/damage.ts';
import { admit } from '../../kernel/enqueue.ts';
import type { Fallen } from '../../kernel/features.ts';
import { dying } from '../../kernel/job-error.ts';
import { type FinalRow, type JobRow, type Live, rowOf } from '../../kernel/job-row.ts';
import { buryParked, dropWaiting, letGoOn } from '../../kernel/lane.ts';
import { join, seqKey } from '../../kernel/order.ts';
import type { End } from '../../kernel/records.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { finalJob } from '../../kernel/view.ts';
import { takeWhenDone } from './batches.ts';
import { labelsOf, withResult } from './dependencies.ts';
import { DEPENDENT, ENDED, type EndedRow, type FlowControl, type FlowRow, waitingFor } from './flow-row.ts';
import { countLostJobs } from './lost-jobs.ts';
import { ORPHANED, reviveDependents } from './revivals.ts';

/** Jobs that one transaction lets go on, or ends: what is left of more goes with the next. */
const MAX_STEPS = 100;

/**
 * Those who wait for what has ended hear of it: they may run, or end themselves, which others then hear; and those who died of what lives
 * again live as well. Bounded: `control.ended` says whether more is left. Answers whether anything was to be told; who ended thereby is
 * added to `fallen`.
 */
export function* goOn(rows: Rows, control: FlowControl, now: number, fallen: Fallen): Step<boolean> {
  if (!control.ended) return false;
  for (let steps = 0; steps < MAX_STEPS; ) {
    // First who lives again: what that one comes to is told afterwards.
    const revived = yield* reviveDependents(rows, control, MAX_STEPS - steps, now);
    steps += revived;
    if (revived > 0) continue;
    const [first] = yield* read(rows.recordsAfter(ENDED, '', 1));
    if (first === undefined) {
      delete control.ended;
      return true;
    }
    const { key, value } = first;
    if (value.isLost) steps += yield* passLost(rows, control, key, value.end);
    else if (value.isBatch) steps += yield* finishBatch(rows, control, key, value.id, now);
    else steps += yield* tellDependents({ rows, control, now, fallen }, key, value, MAX_STEPS - steps);
  }
  return true;
}

function* passLost(rows: Rows, control: FlowControl, key: string, end: End): Step<number> {
  rows.dropRecord(ENDED, key);
  yield* countLostJobs(rows, control, end);
  return 1;
}

function* finishBatch(
  rows: Rows,
  control: FlowControl,
  key: string,
  batch: string,
  now: number,
): Step<number> {
  rows.dropRecord(ENDED, key);
  const last = yield* takeWhenDone(rows, control, batch);
  // No limit refuses accepted work its successor.
  if (last !== undefined) yield* admit(rows, control, [last], now);
  return 1;
}

interface Telling {
  readonly rows: Rows;
  readonly control: FlowControl;
  readonly now: number;
  readonly fallen: Fallen;
}

/** Answers how many steps that was. */
function* tellDependents(telling: Telling, key: string, ended: EndedRow, limit: number): Step<number> {
  const { rows } = telling;
  const [first, last] = [join(ended.id, ''), seqKey(ended.id, ended.seq)];
  const found = yield* read(rows.recordsAfter(DEPENDENT, ended.after ?? first, limit));
  const edges = found.filter((edge) => edge.key.startsWith(first) && edge.key <= last);
  for (const edge of edges) {
    // It waits for one that had this id before.
    if (edge.value.of !== undefined && edge.value.of !== ended.of) continue;
    const dependent = yield* read(rows.find(edge.value.id));
    // Another job has taken its id by now.
    if (dependent !== undefined && edge.key !== seqKey(ended.id, rowOf(dependent).seq))
      rows.dropRecord(DEPENDENT, edge.key);
    else if (dependent?.at === 'parked') yield* tell(telling, dependent, ended);
    else if (dependent?.at === 'finals') tellDead(rows, dependent.row, ended);
    if (!(yield* staysDeadOf(rows, edge.value.id, ended.id))) rows.dropRecord(DEPENDENT, edge.key);
  }
  const next = edges.at(-1);
  if (next === undefined || edges.length < limit) rows.dropRecord(ENDED, key);
  else rows.putRecord(ENDED, key, { ...ended, after: next.key });
  return edges.length + 1;
}

/** Who is dead and not through with it: should that live again, this one hears of it. */
function* staysDeadOf(rows: Rows, id: string, other: string): Step<boolean> {
  const found = yield* read(rows.find(id));
  const job: FlowRow | undefined = found?.at === 'finals' ? found.row.job : undefined;
  return job?.blockedBy?.includes(other) === true;
}

function* tell({ rows, control, now, fallen }: Telling, dependent: Live, ended: EndedRow): Step<void> {
  const row: FlowRow = dependent.row;
  const { end, id } = ended;
  const { blockedBy, parkedBy, damage, onDependencyDeath } = row;
  // What it waits for is not known, so nobody else would find it.
  if (parkedBy !== undefined && damage !== undefined)
    fallen.buried.push(
      finalJob(rows, yield* buryParked(rows, control, row, unreadable(row, damage.why, now), now)),
    );
  if (blockedBy?.includes(id) !== true) return;
  if (isMet(end, row)) {
    yield* unblock(rows, control, row, ended, now);
  } else if (end === 'cancelled' || onDependencyDeath === 'cancel') {
    control.cancelled += 1;
    fallen.cancelled.push(row.id);
    yield* dropWaiting(rows, control, dependent, now);
  } else {
    fallen.buried.push(finalJob(rows, yield* buryParked(rows, control, row, orphaned(row, ended, now), now)));
  }
}

/** It need not wait for one that ended so. */
const isMet = (end: End, { onDependencyDeath }: FlowRow): boolean =>
  end === 'completed' || onDependencyDeath === 'run';

/** One that died while it waited: redriven, it waits for what is left. */
function tellDead(rows: Rows, final: FinalRow, ended: EndedRow): void {
  const job: FlowRow = final.job;
  if (job.blockedBy?.includes(ended.id) !== true || !isMet(ended.end, job)) return;
  rows.dropFinal(final);
  rows.putFinal({ ...final, job: told(job, ended) });
}

/** The row once that has ended: it waits for one less, and has what that returned. */
function told(row: FlowRow, { id, result }: EndedRow): FlowRow {
  const left = (row.blockedBy ?? []).filter((other) => other !== id);
  return withResult(waitingFor(row, left), labelsOf(row, id), result);
}

function* unblock(rows: Rows, control: FlowControl, row: JobRow, ended: EndedRow, now: number): Step<void> {
  const next = told(row, ended);
  if (next.blockedBy !== undefined) rows.park(next);
  else yield* letGoOn(rows, control, row, next, now);
}

/** The row with the error that it dies of. No attempt failed. Redriven, it waits for that again, should it live. */
function orphaned(row: JobRow, ended: EndedRow, now: number): JobRow {
  const message = `job ${ended.id}, which it waited for, is dead or not there`;
  return dying(row, ORPHANED, message, now);
}
