import { CLOCK_STEP_MS } from '../../kernel/control.ts';
import type { Draft } from '../../kernel/job.ts';
import type { JobRow } from '../../kernel/job-row.ts';
import { sureNow } from '../../kernel/jump.ts';
import type { Feature } from '../../queue/feature.ts';
import { orderOf } from '../order.ts';
import { holdKey, sweepKeys } from './held-keys.ts';
import { checkKeyOptions, KEY_OPTIONS, type KeyOptions, type KeySpec } from './key-options.ts';

/** Held keys looked at per new one: twice as many, so that those that are over never outnumber the others. */
const SWEEP_FACTOR = 2;

/**
 * Adds time to keys: `keyForMs` holds a key, and `onDuplicate` takes `debounce` and `throttle`.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [keys()] });
 * await queue.enqueue('save', note, { idempotencyKey: note.id, onDuplicate: 'debounce', delayMs: 2_000 });
 */
export const keys = (): Feature<KeyOptions> => ({
  name: 'keys',
  order: orderOf('keys'),
  options: KEY_OPTIONS,
  together: checkKeyOptions,
  spends: ['keyForMs', 'maxWaitMs'],
  *enters(rows, { specs, plans }, now) {
    const isHeld = ({ keyForMs }: KeySpec, i: number) =>
      keyForMs !== undefined && plans[i]?.status !== 'duplicate';
    if (!specs.some(isHeld)) return undefined;
    return function* hold(control) {
      for (const [i, { id }] of plans.entries()) {
        const spec = specs[i] as KeySpec;
        if (isHeld(spec, i)) yield* holdKey(rows, control, spec, id, now + (spec.keyForMs ?? 0));
      }
      yield* sweepKeys(rows, control, SWEEP_FACTOR * plans.length, sureNow(control, now));
    };
  },
  meets({ onDuplicate, keyForMs }: KeySpec, holder, now) {
    if (onDuplicate !== 'throttle') return undefined;
    return holder !== undefined && isPast(holder.enqueuedAt, keyForMs, now) ? 'follow' : 'keep';
  },
  replaces(row, newcomer, { onDuplicate, maxWaitMs = Number.MAX_SAFE_INTEGER }: KeySpec, now) {
    if (onDuplicate !== 'debounce') return;
    row.runAt = Math.max(now, Math.min(newcomer.runAt, row.enqueuedAt + maxWaitMs));
    row.due = Math.max(1, row.runAt);
    timeLike(row, newcomer, now);
  },
  sweeps: sweepKeys,
});

/** So long after an instant; one that is still to come was told by a clock that has been set right since. */
const isPast = (at: number, ms = 0, now: number): boolean => at + ms <= now || at > now + CLOCK_STEP_MS;

/** Its due was told by the newcomer: a length of time, or an instant that somebody named. */
function timeLike(row: Draft<JobRow>, { named, runAt }: JobRow, now: number): void {
  delete row.waitMs;
  delete row.named;
  if (named && row.runAt === runAt) row.named = true;
  else if (row.runAt > now) row.waitMs = row.runAt - now;
}
