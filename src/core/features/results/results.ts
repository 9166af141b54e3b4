import { revealed } from '../../kernel/damage.ts';
import type { ClaimGuard } from '../../kernel/features.ts';
import type { Draft } from '../../kernel/job.ts';
import type { Feature } from '../../queue/feature.ts';
import { checkKnown } from '../../queue/options.ts';
import { orderOf } from '../order.ts';
import { checkKeep, type KeepRules } from './keep-rules.ts';
import { dropCompleted, dropDead, keptRow, type ResultsControl } from './retention.ts';

export type ResultsOptions = KeepRules;

/**
 * Keeps what handlers return, for `result`, and jobs that have ended.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [results({ completed: { count: 100 }, dead: { ageMs: 30 * 86_400_000 } })] });
 *
 * @throws InvalidOptionError at once
 */
export function results(options: ResultsOptions = {}): Feature {
  const given = checkKnown('results options', options, ['completed', 'dead']);
  const completed = checkKeep('completed', given.completed);
  const dead = checkKeep('dead', given.dead);
  const guard: ClaimGuard = {
    leased(lease, row, claimed) {
      if (row.keepResultMs !== undefined) claimed.awaited = true;
      else if (completed !== undefined) claimed.awaited ??= 'quietly';
      else return;
      lease.remembered = true;
    },
  };
  const feature: Draft<Feature> = {
    name: 'results',
    order: orderOf('results'),
    claims: () => guard,
    keeps(rows, done, now) {
      const final = keptRow(rows, done, completed, now);
      if (final !== undefined) done.final = final;
    },
    clock(control: ResultsControl) {
      delete control.oldestDead;
    },
    view(rows, job, _, final) {
      const { result } = final ?? {};
      if (result !== undefined) job.result = revealed(() => rows.codec.reveal(result.stored));
    },
  };
  if (completed?.count !== undefined || dead !== undefined)
    feature.sweeps = function* sweeps(rows, control, limit, now) {
      if (completed?.count !== undefined) yield* dropCompleted(rows, control, completed.count, limit, now);
      if (dead !== undefined) yield* dropDead(rows, control, dead, limit, now);
    };
  return feature;
}
