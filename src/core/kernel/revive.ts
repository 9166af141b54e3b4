import { untally } from './batch.ts';
import { newerThan, noteNewer, noteUnburied } from './buried-keys.ts';
import type { Control } from './control-row.ts';
import { revealPayload } from './damage.ts';
import { labelsOf, withResult } from './dependencies.ts';
import { freshAge } from './expiry.ts';
import { type FinalRow, type Found, type JobRow, type Live, rowOf } from './job-row.ts';
import { heldByTime } from './key-memory.ts';
import { endHalt, place } from './lane.ts';
import type { RedriveAnswer } from './messages.ts';
import { withoutTime } from './new-row.ts';
import { join, laneOf, seqKey } from './order.ts';
import { withoutOutage } from './outage.ts';
import { tellReturning } from './owed.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** How somebody wants a dead job back. */
export interface Revival {
  /** The dead row, with the payload it is to have. */
  readonly job: JobRow;
  /** The payload is a new one. */
  readonly edited?: boolean;
  /** It waits for nobody who is dead or gone. */
  readonly alone?: boolean;
}

/** A dead job starts anew, due at once, or behind what it waits for. Stays dead where the answer is another than `redriven`. */
export function* revive(
  rows: Rows,
  control: Control,
  final: FinalRow,
  { job, edited = false, alone = false }: Revival,
  now: number,
): Step<Exclude<RedriveAnswer, 'not-dead' | 'unknown'>> {
  if (!isReadable(rows, job)) return 'unreadable';
  if (yield* isKeyTaken(rows, control, job, edited, now)) return 'duplicate';
  const found = yield* waitAgain(rows, control, job, alone);
  if (found === undefined) return 'blocked';
  const { evictions: _, ...waiting } = found;
  rows.dropFinal(final);
  control.dead -= 1;
  yield* noteUnburied(rows, control, job);
  if (edited) yield* noteNewer(rows, control, job);
  yield* untally(rows, job.batch);
  control.pending += 1;
  control.bytes += job.size;
  const anew = { failures: 0, crashes: 0, errors: [], runAt: now, due: Math.max(1, now) };
  // One that halted its lane is its head again.
  yield* place(rows, control, {
    ...withoutOutage(withoutTime(endHalt(rows, control, waiting))),
    ...anew,
    ...freshAge(job, now),
  });
  if (job.owes !== undefined) yield* tellReturning(rows, control, job);
  if (job.awaited) yield* tellRevival(rows, control, job);
  return 'redriven';
}

function isReadable(rows: Rows, job: JobRow): boolean {
  try {
    revealPayload(rows, job);
    return true;
  } catch {
    return false;
  }
}

/** By a job that lives or whose key is held by time, or by a newer payload: an older one does not come back over that. */
function* isKeyTaken(rows: Rows, control: Control, job: JobRow, edited: boolean, now: number): Step<boolean> {
  if (job.idempotencyKey === undefined) return false;
  const holders = yield* read(rows.keyHolders(job.name, job.idempotencyKey));
  const holder = yield* heldByTime(rows, control, job.name, job.idempotencyKey, now);
  // Those parked behind it wait for it: they follow, as they would have.
  const isAhead = ({ at, row }: Live) =>
    at === 'parked' && job.haltsLane !== undefined && laneOf(row) === laneOf(job);
  if (!holders.every(isAhead) || (holder ?? job.id) !== job.id) return true;
  const newer = edited ? undefined : yield* newerThan(rows, control, job);
  return newer !== undefined && holders.every(({ row }) => row.id !== newer);
}

/** The row with those that it has to wait for still. Undefined: one of them is dead or gone, so it would wait for ever. */
function* waitAgain(rows: Rows, control: Control, job: JobRow, alone: boolean): Step<JobRow | undefined> {
  if (job.blockedBy === undefined) return job;
  const { blockedBy, ...rest } = job;
  let row: JobRow = rest;
  const left: string[] = [];
  const over: string[] = [];
  for (const id of blockedBy) {
    const edge = seqKey(id, job.seq);
    const seq = (yield* read(rows.record('dependent', edge)))?.of;
    const found = yield* read(rows.find(id));
    const there = found !== undefined && isSame(found, seq) ? found : undefined;
    if ((there !== undefined && there.at !== 'finals') || (yield* willComplete(rows, control, id, seq))) {
      left.push(id);
      continue;
    }
    over.push(edge);
    if (there?.at === 'finals' && there.row.state === 'completed') {
      row = withResult(row, labelsOf(job, id), there.row.result);
    } else if (!alone && job.onDependencyDeath !== 'run') return undefined;
  }
  for (const edge of over) rows.dropRecord('dependent', edge);
  return left.length > 0 ? { ...row, blockedBy: left } : row;
}

const isSame = (found: Found, seq: number | undefined): boolean =>
  seq === undefined || seq === rowOf(found).seq;

/** It has completed, and those that wait for it have not all heard of it. */
function* willComplete(rows: Rows, control: Control, id: string, seq: number | undefined): Step<boolean> {
  if (!control.ended) return false;
  const [ended] = yield* read(rows.recordsAfter('ended', join(id, ''), 1));
  return (
    ended?.value.id === id && ended.value.end === 'completed' && (seq ?? ended.value.of) === ended.value.of
  );
}

/** Those that died of it are to live again; those that have not heard of its death need not hear of it any more. */
function* tellRevival(rows: Rows, control: Control, { id, seq }: JobRow): Step<void> {
  for (let after = join(id, ''); ; ) {
    const [ended] = yield* read(rows.recordsAfter('ended', after, 1));
    if (ended === undefined || ended.value.id !== id) break;
    if (ended.value.of === seq) rows.dropRecord('ended', ended.key);
    after = ended.key;
  }
  rows.putRecord('revival', id, { seq });
  control.ended = true;
}

/**
 * Brings those back that died of the first job that lives again, as far as none of the others that they wait for is dead. Answers how many
 * steps that was: none, if there is no such job.
 */
export function* reviveDependents(rows: Rows, control: Control, limit: number, now: number): Step<number> {
  const [first] = yield* read(rows.recordsAfter('revival', '', 1));
  if (first === undefined) return 0;
  const { key: id, value } = first;
  const found = yield* read(rows.recordsAfter('dependent', value.after ?? join(id, ''), limit));
  const edges = found.filter((edge) => edge.key.startsWith(join(id, '')));
  for (const edge of edges) {
    const dependent = yield* read(rows.find(edge.value.id));
    if (dependent?.at !== 'finals' || edge.value.of !== value.seq) continue;
    const { job, state } = dependent.row;
    const diedOfIt = state === 'dead' && job.blockedBy?.includes(id) && isOrphan(job);
    if (diedOfIt && seqKey(id, job.seq) === edge.key)
      yield* revive(rows, control, dependent.row, { job }, now);
  }
  const last = edges.at(-1);
  if (last === undefined || edges.length < limit) rows.dropRecord('revival', id);
  else rows.putRecord('revival', id, { ...value, after: last.key });
  return edges.length + 1;
}

/** What it waited for was dead or not there. */
export const ORPHANED = 'DependencyError';
const isOrphan = ({ errors }: JobRow): boolean => errors.at(-1)?.name === ORPHANED;
