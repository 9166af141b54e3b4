import { openControl } from './clock.ts';
import type { Codec } from './codec.ts';
import type { Control } from './control-row.ts';
import { rememberDead } from './id-memory.ts';
import type { Draft } from './job.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import type { Keep, KeepRules, PruneAnswer, PruneRequest } from './messages.ts';
import { forgottenAt, rememberedUntil } from './order.ts';
import type { Rows } from './rows.ts';
import { discard, dropFinal } from './steer.ts';
import { read, type Step } from './step.ts';

/** Larger payloads are not kept with completed jobs: in a Durable Object a row has 2 MB, and the result has its share. */
const MAX_KEPT_PAYLOAD = 262_144;
/** Dead heads of halted lanes that one look passes by: behind more of them nothing is forgotten. */
const MAX_HALTING = 1_000;
/** With a rule by count alone. Twice the greatest instant is the greatest that a key can hold. */
const FOR_EVER_MS = 8.64e15;
/** It is kept in the row that remembers the job. */
export const MAX_RESULT_BYTES = 65_536;

/** A result as it is stored. Absent: it is not kept, whatever it is, as its job is done all the same. */
export function sealResult(codec: Codec, value: unknown): FinalRow['result'] {
  try {
    const { stored, size } = codec.seal(value);
    return size > MAX_RESULT_BYTES ? undefined : { stored, size };
  } catch {
    return undefined;
  }
}

/** A completed job as it stays: one row, for its id, its result and the queue's rule alike. */
export function completedRow(
  rows: Rows,
  row: JobRow,
  keep: Keep | undefined,
  result: FinalRow['result'],
  now: number,
): FinalRow {
  const { checkpoint: _, ...rest } = row;
  const isWhole = keep !== undefined && row.size <= MAX_KEPT_PAYLOAD;
  const job: Draft<JobRow> = { ...rest, payload: isWhole ? row.payload : rows.codec.seal(undefined).stored };
  if (keep !== undefined) job.keptMs = keep.ageMs ?? FOR_EVER_MS;
  const final: FinalRow = { job, state: 'completed', finishedAt: now };
  const isKept = result !== undefined && (keep !== undefined || row.keepResultMs !== undefined);
  return isKept ? { ...final, result } : final;
}

/** Drops what ended and need not stay, the first to go first: at most `limit` of each kind. */
export function* forget(
  rows: Rows,
  control: Control,
  keep: KeepRules | undefined,
  now: number,
  limit: number,
): Step<PruneAnswer> {
  const completed = control.remembered > 0 ? yield* forgetCompleted(rows, control, keep, now, limit) : 0;
  const rule = keep?.dead;
  const dead = rule === undefined ? 0 : yield* forgetDead(rows, control, rule, now, limit);
  return { completed, dead };
}

function* forgetCompleted(
  rows: Rows,
  control: Control,
  keep: KeepRules | undefined,
  now: number,
  limit: number,
): Step<number> {
  const excess = control.remembered - (keep?.completed?.count ?? Number.POSITIVE_INFINITY);
  let dropped = 0;
  for (const final of yield* read(rows.firstForgotten(limit, excess > 0 ? undefined : now))) {
    const isOver = forgottenAt(final) <= now || (dropped < excess && rememberedUntil(final) <= now);
    // Behind it are those that are forgotten later; but too many is too many.
    if (!isOver && dropped >= excess) break;
    if (!isOver) continue;
    dropFinal(rows, control, final);
    dropped += 1;
  }
  return dropped;
}

function* forgetDead(rows: Rows, control: Control, rule: Keep, now: number, limit: number): Step<number> {
  const { count = Number.POSITIVE_INFINITY, ageMs = Number.POSITIVE_INFINITY } = rule;
  const halting = control.halted ?? 0;
  const excess = control.dead - halting - count;
  // Without a look: nothing is written for it, and most settlements find nothing.
  if (control.dead === 0 || (excess <= 0 && (control.oldestDead ?? 0) + ageMs > now)) return 0;
  let dropped = 0;
  // Those that halt their lanes stay: who resumes such a lane has to say so.
  const passed = Math.min(MAX_HALTING, halting);
  for (const final of yield* read(rows.finalsAfter('', 'dead', limit + passed))) {
    if (final.job.haltsLane !== undefined) continue;
    if (dropped >= excess && final.finishedAt + ageMs > now) {
      control.oldestDead = final.finishedAt;
      return dropped;
    }
    rememberDead(rows, control, final, now);
    yield* discard(rows, control, final, now);
    dropped += 1;
  }
  delete control.oldestDead;
  return dropped;
}

/** What settling forgets by and by, now: who asks for it is believed the clock. */
export function* prune(rows: Rows, { keep, limit }: PruneRequest, now: number): Step<PruneAnswer> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return { completed: 0, dead: 0 };
  const pruned = yield* forget(rows, control, keep, now, limit);
  if (pruned.completed + pruned.dead > 0) rows.putControl(control);
  return pruned;
}
