import { allRecords } from '../../kernel/all-rows.ts';
import { openControl } from '../../kernel/clock.ts';
import type { Codec } from '../../kernel/codec.ts';
import { newControl } from '../../kernel/control.ts';
import type { Control } from '../../kernel/control-row.ts';
import { InvalidOptionError, quote } from '../../kernel/errors.ts';
import { hooksOf } from '../../kernel/features.ts';
import { sureNow } from '../../kernel/jump.ts';
import { noteOwing, owing, stillOwed } from '../../kernel/owed.ts';
import type { End } from '../../kernel/records.ts';
import type { Rows, Rule } from '../../kernel/rows.ts';
import type { SealedJob } from '../../kernel/sealed-job.ts';
import { read, type Step } from '../../kernel/step.ts';
import { tellBatchOver } from './ended.ts';
import { BATCH, FLOWS, type FlowControl } from './flow-row.ts';
import type { BatchCounts, PutBatchRequest } from './messages.ts';

/** How long the counts of a batch stay that is over. */
const KEPT_MS = 86_400_000;
/** Batches looked at for that with each new one. */
const SWEEP = 4;

const NONE: BatchCounts = { total: 0, open: 0, completed: 0, dead: 0, cancelled: 0, closed: false };

/** Makes a batch; one that is there already stays as it is. Seals at once; what is answered runs in a transaction. */
export function putBatch(codec: Codec, { id, whenDone }: PutBatchRequest): Rule<void> {
  const sealed = whenDone && { spec: whenDone, ...codec.seal(whenDone.payload, whenDone.sealed) };
  return function* (rows, now) {
    if ((yield* read(rows.record(BATCH, id))) !== undefined) return;
    const control = (yield* openControl(rows, now)) ?? newControl(now);
    yield* sweep(rows, control, now);
    const owes = whenDone && owing(whenDone, hooksOf(rows));
    noteOwing(control, owes);
    rows.putRecord(BATCH, id, {
      counts: NONE,
      createdAt: now,
      ...(sealed && {
        whenDone: { ...sealed, spec: { ...withoutPayload(sealed.spec), ...(owes && { owes }) } },
      }),
    });
    rows.putControl(control);
  };
}

function withoutPayload({ sealed: _, ...spec }: SealedJob['spec']): SealedJob['spec'] {
  return { ...spec, payload: undefined };
}

/** Ids of our own sort by when they were made, so the oldest are met first. */
function* sweep(rows: Rows, control: FlowControl, now: number): Step<void> {
  const found = yield* read(rows.recordsAfter(BATCH, control.batchesSwept ?? '', SWEEP));
  for (const { key, value } of found)
    if (isOver(value.counts) && value.createdAt + KEPT_MS < sureNow(control, now))
      rows.dropRecord(BATCH, key);
    // By a clock that has been set right since.
    else if (value.createdAt > control.lastNow) rows.putRecord(BATCH, key, { ...value, createdAt: now });
  const last = found.at(-1);
  // Each looks on where the one before ended, so that those that stay open hide none behind them.
  if (last === undefined || found.length < SWEEP) delete control.batchesSwept;
  else control.batchesSwept = last.key;
}

/** From here on no job joins it: when the last one ends, or has ended already, it is over. */
export function* closeBatch(rows: Rows, { id }: { readonly id: string }, now: number): Step<boolean> {
  const batch = yield* read(rows.record(BATCH, id));
  const control = yield* openControl(rows, now);
  if (batch === undefined || control === undefined) return false;
  if (batch.counts.closed) return true;
  const counts = { ...batch.counts, closed: true };
  rows.putRecord(BATCH, id, { ...batch, counts });
  if (isOver(counts)) tellBatchOver(rows, control, id);
  rows.putControl(control);
  return true;
}

const isOver = ({ closed, open }: BatchCounts): boolean => closed && open === 0;

export function* countBatch(rows: Rows, id: string): Step<BatchCounts | undefined> {
  return (yield* read(rows.record(BATCH, id)))?.counts;
}

/** Throws InvalidOptionError for a batch that takes no jobs. Changes nothing. */
export function* checkBatch(rows: Rows, id: string): Step<void> {
  const batch = yield* read(rows.record(BATCH, id));
  if (batch === undefined || batch.counts.closed)
    throw new InvalidOptionError(
      'batch',
      id,
      batch === undefined ? 'one that is there' : `open: ${quote(id)} is closed`,
    );
}

export function* joinBatch(rows: Rows, id: string, jobs: number): Step<void> {
  yield* change(rows, id, ({ total, open, ...counts }) => ({
    ...counts,
    total: total + jobs,
    open: open + jobs,
  }));
}

/** So many jobs of the batch ended. Answers whether the batch is over with them. */
export function* tally(rows: Rows, id: string, end: End, jobs = 1): Step<boolean> {
  const counts = yield* change(rows, id, (was) => ({
    ...was,
    open: was.open - jobs,
    [end]: was[end] + jobs,
  }));
  return counts !== undefined && isOver(counts);
}

/** Batches that wait for jobs, and for how many. */
export function* openBatches(rows: Rows): Step<{ readonly id: string; readonly jobs: number }[]> {
  const batches = yield* allRecords(rows, BATCH);
  return batches
    .filter(({ value }) => value.counts.open > 0)
    .map(({ key, value }) => ({ id: key, jobs: value.counts.open }));
}

/** A dead job of the batch lives again. A batch that was over stays that: its last job is not enqueued twice. */
export function* untally(rows: Rows, id: string): Step<void> {
  yield* change(rows, id, (was) => ({ ...was, open: was.open + 1, dead: was.dead - 1 }));
}

function* change(
  rows: Rows,
  id: string,
  how: (counts: BatchCounts) => BatchCounts,
): Step<BatchCounts | undefined> {
  const batch = yield* read(rows.record(BATCH, id));
  if (batch === undefined) return undefined;
  const counts = how(batch.counts);
  rows.putRecord(BATCH, id, { ...batch, counts });
  return counts;
}

/** The job that a batch brings, once, and when it is over: one that ended may live again since. */
export function* takeWhenDone(rows: Rows, control: Control, id: string): Step<SealedJob | undefined> {
  const batch = yield* read(rows.record(BATCH, id));
  if (batch?.whenDone === undefined || !isOver(batch.counts)) return undefined;
  const { whenDone, ...rest } = batch;
  rows.putRecord(BATCH, id, rest);
  const { total, completed, dead, cancelled } = batch.counts;
  const counts = rows.codec.seal({ total, completed, dead, cancelled }).stored;
  const { owes: owed = [], ...spec } = whenDone.spec;
  const owes = stillOwed(rows, control, owed);
  const found = { extras: { batch: counts }, needs: [FLOWS], ...(owes.length > 0 && { owes }) };
  return { ...whenDone, spec: { ...spec, ...found } };
}
