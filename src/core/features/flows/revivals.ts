import { type Found, rowOf } from '../../kernel/job-row.ts';
import { join, seqKey } from '../../kernel/order.ts';
import { revive } from '../../kernel/revive.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { untally } from './batches.ts';
import { labelsOf, withResult } from './dependencies.ts';
import { DEPENDENT, ENDED, type FlowControl, type FlowRow, REVIVAL, waitingFor } from './flow-row.ts';

/** A dead job lives again that others wait for, or that a batch counts. */
export function* returnFlow(rows: Rows, control: FlowControl, job: FlowRow): Step<void> {
  if (job.batch !== undefined) yield* untally(rows, job.batch);
  if (job.awaited) yield* tellRevival(rows, control, job);
}

/** The row with those that it has to wait for still. Undefined: one of them is dead or gone, so it would wait for ever. */
export function* waitAgain(
  rows: Rows,
  control: FlowControl,
  job: FlowRow,
  alone: boolean,
): Step<FlowRow | undefined> {
  if (job.blockedBy === undefined) return job;
  const { blockedBy } = job;
  let row = job;
  const left: string[] = [];
  const over: string[] = [];
  for (const id of blockedBy) {
    const edge = seqKey(id, job.seq);
    const seq = (yield* read(rows.record(DEPENDENT, edge)))?.of;
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
  for (const edge of over) rows.dropRecord(DEPENDENT, edge);
  return waitingFor(row, left);
}

const isSame = (found: Found, seq: number | undefined): boolean =>
  seq === undefined || seq === rowOf(found).seq;

/** It has completed, and those that wait for it have not all heard of it. */
function* willComplete(rows: Rows, control: FlowControl, id: string, seq: number | undefined): Step<boolean> {
  if (!control.ended) return false;
  const [ended] = yield* read(rows.recordsAfter(ENDED, join(id, ''), 1));
  return (
    ended?.value.id === id && ended.value.end === 'completed' && (seq ?? ended.value.of) === ended.value.of
  );
}

/** Those that died of it are to live again; those that have not heard of its death need not hear of it any more. */
function* tellRevival(rows: Rows, control: FlowControl, { id, seq }: FlowRow): Step<void> {
  for (let after = join(id, ''); ; ) {
    const [ended] = yield* read(rows.recordsAfter(ENDED, after, 1));
    if (ended === undefined || ended.value.id !== id) break;
    if (ended.value.of === seq) rows.dropRecord(ENDED, ended.key);
    after = ended.key;
  }
  rows.putRecord(REVIVAL, id, { seq });
  control.ended = true;
}

/**
 * Brings those back that died of the first job that lives again, as far as none of the others that they wait for is dead. Answers how many
 * steps that was: none, if there is no such job.
 */
export function* reviveDependents(
  rows: Rows,
  control: FlowControl,
  limit: number,
  now: number,
): Step<number> {
  const [first] = yield* read(rows.recordsAfter(REVIVAL, '', 1));
  if (first === undefined) return 0;
  const { key: id, value } = first;
  const found = yield* read(rows.recordsAfter(DEPENDENT, value.after ?? join(id, ''), limit));
  const edges = found.filter((edge) => edge.key.startsWith(join(id, '')));
  for (const edge of edges) {
    const dependent = yield* read(rows.find(edge.value.id));
    if (dependent?.at !== 'finals' || edge.value.of !== value.seq) continue;
    const { state } = dependent.row;
    const job: FlowRow = dependent.row.job;
    const diedOfIt = state === 'dead' && job.blockedBy?.includes(id) && isOrphan(job);
    if (diedOfIt && seqKey(id, job.seq) === edge.key)
      yield* revive(rows, control, dependent.row, { job }, now);
  }
  const last = edges.at(-1);
  if (last === undefined || edges.length < limit) rows.dropRecord(REVIVAL, id);
  else rows.putRecord(REVIVAL, id, { ...value, after: last.key });
  return edges.length + 1;
}

/** What it waited for was dead or not there. */
export const ORPHANED = 'DependencyError';
const isOrphan = ({ errors }: FlowRow): boolean => errors.at(-1)?.name === ORPHANED;
