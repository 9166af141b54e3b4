import { revealed } from '../../kernel/damage.ts';
import type { ClaimGuard } from '../../kernel/features.ts';
import type { Draft } from '../../kernel/job.ts';
import type { JobSpec } from '../../kernel/messages.ts';
import type { Feature, NamesIn } from '../../queue/feature.ts';
import { checkPositiveMs } from '../../queue/job-options.ts';
import { checkKnown, checkPlain, reading } from '../../queue/options.ts';
import { orderOf } from '../order.ts';
import { checkKeep, type KeepRules } from './keep-rules.ts';
import { keepLate } from './late-result.ts';
import { RESULT_OPTIONS, type ResultOptions, type ResultRow } from './result-row.ts';
import { dropCompleted, dropDead, keptRow, type ResultsControl } from './retention.ts';

export interface ResultsOptions<Name extends string = string> extends KeepRules {
  /** By job name: the `keepResultMs` of those that are enqueued without one. `createQueue` throws UnknownJobError for a name that it has no job of. */
  readonly keepResultMs?: Readonly<Record<Name, number>>;
}

/**
 * Keeps the values that handlers return, for `result`, and jobs that have ended.
 *
 * @example
 * const kept = results({ keepResultMs: { thumbnail: 60_000 }, completed: { count: 100 }, dead: { ageMs: 30 * 86_400_000 } });
 * const queue = createQueue({ name: 'sync', jobs, store, use: [kept] });
 *
 * @throws InvalidOptionError at once
 */
export function results<Name extends string = never>(
  options: ResultsOptions<Name> = {},
): Feature<ResultOptions, NamesIn<Name>> {
  const given = checkKnown('results options', options, ['keepResultMs', 'completed', 'dead']);
  const byName = checkNamed(given.keepResultMs);
  const completed = checkKeep('completed', given.completed);
  const dead = checkKeep('dead', given.dead);
  const guard: ClaimGuard = {
    leased(lease, row: ResultRow, claimed) {
      if (row.keepResultMs !== undefined) claimed.awaited = true;
      else if (completed !== undefined) claimed.awaited ??= 'quietly';
      else return;
      lease.remembered = true;
    },
  };
  const feature: Draft<Feature<ResultOptions>> = {
    name: 'results',
    order: orderOf('results'),
    options: RESULT_OPTIONS,
    names: [...byName.keys()],
    specify(spec) {
      const ms = byName.get(spec.name as string);
      if (ms !== undefined) spec.keepResultMs ??= ms;
    },
    replaces(row: Draft<ResultRow>, { keepResultMs }: ResultRow) {
      if (keepResultMs === undefined) delete row.keepResultMs;
      else row.keepResultMs = keepResultMs;
    },
    claims: () => guard,
    // A page without this feature may complete it.
    owes: ({ keepResultMs }: Partial<JobSpec> & ResultOptions) => keepResultMs !== undefined,
    leaves: keepLate,
    keeps(rows, done, now) {
      const final = keptRow(rows, done, completed, now);
      if (final !== undefined) done.final = final;
    },
    clock(control: ResultsControl) {
      delete control.oldestDead;
    },
    view(rows, job, _, final) {
      if (final === undefined) return;
      const { result } = final;
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

function checkNamed(given: ResultsOptions['keepResultMs'] = {}): ReadonlyMap<string, number> {
  const what = 'keepResultMs';
  const entries = reading(what, given, () => Object.entries(checkPlain(what, given)));
  return new Map(
    entries.map(([name, ms]) => [name, checkPositiveMs(`${what}[${JSON.stringify(name)}]`, ms)]),
  );
}
