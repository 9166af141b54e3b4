import type { Control } from '../../kernel/control-row.ts';
import type { Done } from '../../kernel/features.ts';
import { rememberDead } from '../../kernel/id-memory.ts';
import type { Draft } from '../../kernel/job.ts';
import type { FinalRow, JobRow } from '../../kernel/job-row.ts';
import { rememberedUntil } from '../../kernel/order.ts';
import { completedRow } from '../../kernel/retention.ts';
import type { Rows } from '../../kernel/rows.ts';
import { discard, dropFinal } from '../../kernel/steer.ts';
import { read, type Step } from '../../kernel/step.ts';
import type { Keep } from './keep-rules.ts';
import type { ResultRow } from './result-row.ts';

/** When the first of the dead jobs died, as it was last seen; absent: nobody has looked. */
export type ResultsControl = Control & { oldestDead?: number };

/** Larger payloads are not kept with completed jobs: in a Durable Object a row has 2 MB, and the result has its share. */
const MAX_KEPT_PAYLOAD = 262_144;
/** Dead heads of halted lanes that one look passes by: behind more of them nothing is forgotten. */
const MAX_HALTING = 1_000;
/** With a rule by count alone. Twice the greatest instant is the greatest that a key can hold. */
const FOR_EVER_MS = 8.64e15;

/** What stays of a job by its own word and by the queue's rule: one row, for its id, its result and the rule alike. */
export function keptRow(
  rows: Rows,
  { row, outcome, result, final }: Done,
  keep: Keep | undefined,
  now: number,
): FinalRow | undefined {
  const { keepResultMs }: ResultRow = row;
  // A rule gives way to a full disk, which takes the result first.
  const rule = outcome.result === undefined ? undefined : keep;
  if (keepResultMs === undefined && rule === undefined) return final;
  const kept = final ?? completedRow(rows, row, now);
  const job: Draft<JobRow> = { ...kept.job };
  // An id is remembered as long as its result is there to be asked for.
  if (keepResultMs !== undefined) job.dedupeMs = Math.max(keepResultMs, job.dedupeMs ?? 0);
  if (rule !== undefined) job.keptMs = rule.ageMs ?? FOR_EVER_MS;
  if (rule !== undefined && row.size <= MAX_KEPT_PAYLOAD) job.payload = row.payload;
  return result === undefined ? { ...kept, job } : { ...kept, job, result };
}

/** Those that are more than `count`, the first to be forgotten first. */
export function* dropCompleted(
  rows: Rows,
  control: Control,
  count: number,
  limit: number,
  now: number,
): Step<void> {
  let excess = control.remembered - count;
  if (excess <= 0) return;
  for (const final of yield* read(rows.firstForgotten(limit))) {
    if (rememberedUntil(final) > now) continue;
    dropFinal(rows, control, final);
    excess -= 1;
    if (excess === 0) return;
  }
}

/** Those that are more than the rule keeps, and older, the first that died first. */
export function* dropDead(
  rows: Rows,
  control: ResultsControl,
  { count = Number.POSITIVE_INFINITY, ageMs = Number.POSITIVE_INFINITY }: Keep,
  limit: number,
  now: number,
): Step<void> {
  const halting = control.halted ?? 0;
  const excess = control.dead - halting - count;
  // Without a look: nothing is written for it, and most settlements find nothing.
  if (control.dead === 0 || (excess <= 0 && (control.oldestDead ?? 0) + ageMs > now)) return;
  let dropped = 0;
  // Those that halt their lanes stay: who resumes such a lane has to say so.
  const passed = Math.min(MAX_HALTING, halting);
  for (const final of yield* read(rows.finalsAfter('', 'dead', limit + passed))) {
    if (final.job.haltsLane !== undefined) continue;
    if (dropped >= excess && final.finishedAt + ageMs > now) {
      control.oldestDead = final.finishedAt;
      return;
    }
    rememberDead(rows, control, final, now);
    yield* discard(rows, control, final, now);
    dropped += 1;
  }
  delete control.oldestDead;
}
