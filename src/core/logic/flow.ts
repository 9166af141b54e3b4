import type { Job } from '../job.ts';
import { takeWhenDone } from './batch.ts';
import { unreadable } from './damage.ts';
import { withResult } from './dependencies.ts';
import type { EndedRow } from './ended.ts';
import { admit } from './enqueue.ts';
import { forgetAge } from './expiry.ts';
import { dying } from './job-error.ts';
import { buryParked, dropWaiting, place } from './lane.ts';
import { join, seqKey } from './order.ts';
import { type Control, type FinalRow, type JobRow, type Live, type Rows, read, type Step } from './rows.ts';
import { finalJob } from './view.ts';

/** Jobs that one transaction lets go on, or ends: what is left of more goes with the next. */
const MAX_STEPS = 100;

/**
 * Those who wait for what has ended hear of it: they may run, or end themselves, which others then hear. Bounded: `control.ended` says
 * whether more is left. Answers whether anything was to be told; those that died of it are added to `buried`.
 */
export function* goOn(rows: Rows, control: Control, now: number, buried: Job[] = []): Step<boolean> {
  if (!control.ended) return false;
  for (let steps = 0; steps < MAX_STEPS; ) {
    const [first] = yield* read(rows.recordsAfter('ended', '', 1));
    if (first === undefined) {
      delete control.ended;
      return true;
    }
    const { key, value } = first;
    steps += value.isBatch
      ? yield* finishBatch(rows, control, key, value.id, now)
      : yield* tellDependents({ rows, control, now, buried }, key, value, MAX_STEPS - steps);
  }
  return true;
}

function* finishBatch(rows: Rows, control: Control, key: string, batch: string, now: number): Step<number> {
  rows.dropRecord('ended', key);
  const last = yield* takeWhenDone(rows, batch);
  // No limit refuses accepted work its successor.
  if (last !== undefined) yield* admit(rows, control, [last], now);
  return 1;
}

interface Telling {
  readonly rows: Rows;
  readonly control: Control;
  readonly now: number;
  readonly buried: Job[];
}

/** Answers how many steps that was. */
function* tellDependents(telling: Telling, key: string, ended: EndedRow, limit: number): Step<number> {
  const { rows } = telling;
  const [first, last] = [join(ended.id, ''), seqKey(ended.id, ended.seq)];
  const found = yield* read(rows.recordsAfter('dependent', first, limit));
  const edges = found.filter((edge) => edge.key.startsWith(first) && edge.key <= last);
  for (const edge of edges) {
    rows.dropRecord('dependent', edge.key);
    const dependent = yield* read(rows.find(edge.value.id));
    if (dependent?.at === 'parked') yield* tell(telling, dependent, ended);
    else if (dependent?.at === 'finals') tellDead(rows, dependent.row, ended);
  }
  if (edges.length < limit) rows.dropRecord('ended', key);
  return edges.length + 1;
}

function* tell({ rows, control, now, buried }: Telling, dependent: Live, ended: EndedRow): Step<void> {
  const { row } = dependent;
  const { end, id } = ended;
  const { blockedBy, damage, onDependencyDeath = 'bury' } = row;
  // What it waits for is not known, so nobody else would find it.
  if (blockedBy !== undefined && damage !== undefined)
    buried.push(finalJob(rows, yield* buryParked(rows, control, row, unreadable(row, damage.why, now), now)));
  if (blockedBy?.includes(id) !== true) return;
  if (end === 'completed' || onDependencyDeath === 'run') {
    yield* unblock(rows, control, row, ended, now);
  } else if (end === 'cancelled' || onDependencyDeath === 'cancel') {
    control.cancelled += 1;
    yield* dropWaiting(rows, control, dependent, now);
  } else {
    buried.push(finalJob(rows, yield* buryParked(rows, control, row, orphaned(row, ended, now), now)));
  }
}

/** One that died while it waited: redriven, it waits for what is left. */
function tellDead(rows: Rows, final: FinalRow, ended: EndedRow): void {
  if (final.job.blockedBy?.includes(ended.id) !== true) return;
  rows.dropFinal(final);
  rows.putFinal({ ...final, job: told(final.job, ended) });
}

/** The row once that has ended: it waits for one less, and has what that returned. */
function told(row: JobRow, { id, result }: EndedRow): JobRow {
  const { blockedBy = [], ...rest } = row;
  const left = blockedBy.filter((other) => other !== id);
  const known = result === undefined ? rest : withResult(rest, row.dependsOn?.[id] ?? id, result);
  return left.length > 0 ? { ...known, blockedBy: left } : known;
}

function* unblock(rows: Rows, control: Control, row: JobRow, ended: EndedRow, now: number): Step<void> {
  const next = told(row, ended);
  if (next.blockedBy !== undefined) {
    rows.park(next);
    return;
  }
  rows.unpark(row);
  forgetAge(rows, row);
  yield* place(rows, control, { ...next, due: Math.max(1, now, row.due) });
}

/** The row with the error that it dies of. No attempt failed. Redriven, it runs without that, once the others have ended. */
function orphaned(row: JobRow, ended: EndedRow, now: number): JobRow {
  const message = `job ${ended.id}, which it waited for, is dead or not there`;
  return dying(told(row, ended), 'DependencyError', message, now);
}
