import type { Control, Stream } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { knownTargets, LIFT_MS, lifted, putTarget, targetOf } from './target.ts';

/** Rows of one target whose waits one call lifts. */
const MAX_LIFTED = 100;

/**
 * Targets may be reached again. Their probes go now, and jobs that wait for them one by one are due: not so soon after the last, unless
 * somebody says so (`anew`). What was counted keeps its backoff. Answers whether anything changed.
 */
export function* liftOutages(
  rows: Rows,
  control: Control,
  now: number,
  move: (row: JobRow, due: number) => void,
  anew = false,
): Step<boolean> {
  let changed = liftTargets(control, now, anew);
  for (const [target, { closed }] of knownTargets(control)) {
    if (closed !== undefined) continue;
    // Rows that move may end a stream, or begin one.
    for (const stream of [...control.streams])
      if (stream.timed && targetOf(stream) === target)
        changed = (yield* liftWaits(rows, { ...stream }, now, move, anew)) || changed;
  }
  return changed;
}

/** Of these targets; absent: of all. Answers whether anything changed. */
export function liftTargets(
  control: Control,
  now: number,
  anew: boolean,
  targets?: ReadonlySet<string>,
): boolean {
  let changed = false;
  for (const [target, record] of knownTargets(control)) {
    if (targets?.has(target) === false) continue;
    const next = lifted(record, now, anew);
    if (next.closed?.heldMs === record.closed?.heldMs && next.closed?.step === record.closed?.step) continue;
    putTarget(control, target, next);
    changed = true;
  }
  return changed;
}

function* liftWaits(
  rows: Rows,
  from: Stream,
  now: number,
  move: (row: JobRow, due: number) => void,
  anew: boolean,
): Step<boolean> {
  if (from.low.due <= now) from.low = { due: now, seq: Number.MAX_SAFE_INTEGER };
  let changed = false;
  for (const row of yield* read(rows.scan(from, Number.MAX_SAFE_INTEGER, MAX_LIFTED))) {
    const isOutage = row.spared !== undefined && row.against === undefined && row.damage === undefined;
    const last = row.errors.at(-1)?.at ?? 0;
    const due = anew || last > now ? now : Math.max(now, last + LIFT_MS);
    if (!isOutage || due >= row.due) continue;
    move(row, due);
    changed = true;
  }
  return changed;
}
