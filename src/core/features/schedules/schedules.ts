import { InvalidOptionError } from '../../kernel/errors.ts';
import type { Feature, NamesIn } from '../../queue/feature.ts';
import { checkKnown } from '../../queue/options.ts';
import type { ServedFeature } from '../../remote/served-feature.ts';
import type { WorkFeature } from '../../work/work-part.ts';
import { orderOf } from '../order.ts';
import { checkDefinition, checkScheduleId, type ScheduleDefinition } from './definition.ts';
import type { TickWatch } from './messages.ts';
import { nextTickAt } from './next-ticks.ts';
import { listingSchedules } from './operations.ts';
import { Schedules } from './part.ts';
import type { CronFunction } from './recurrence.ts';
import { checkTicks, servingFire } from './serving-fire.ts';
import type { Settings } from './settings.ts';
import { Ticker } from './ticker.ts';

export interface SchedulesOptions {
  /** `cron` of `holdfast/cron`: to fire cron schedules that were put elsewhere or before, where none is declared here. */
  readonly cron?: CronFunction;
}

/**
 * Adds recurring jobs: workers here fire the ticks of schedules, of those that are declared and those that were put by `putSchedule`.
 *
 * @param declared by id, checked by this call and by `work` and `drain`, and stored when one of these starts here. A schedule that is stored already goes on. One that
 * is no longer declared stays until it is removed. Default: none.
 *
 * @example
 * const nightly = schedule({ name: 'push', payload: 'all', recurrence: cron('0 3 * * *') });
 * const queue = createQueue({ name: 'sync', jobs, store, use: [schedules({ nightly })] });
 *
 * @throws InvalidOptionError at once
 */
export function schedules<
  const Names extends Readonly<Record<string, string>> = Record<never, never>,
  const Payloads extends { readonly [Id in keyof Names]: unknown } = { readonly [Id in keyof Names]: never },
>(
  declared: { readonly [Id in keyof Names]: ScheduleDefinition<Names[Id]> } & {
    readonly [Id in keyof Payloads]: { readonly payload: Payloads[Id] };
  } = {} as never,
  options: SchedulesOptions = {},
): Feature<
  object,
  NamesIn<Names[keyof Names]>,
  { readonly [Id in keyof Names as NamesIn<Names[Id]>]: Payloads[Id] }
> {
  const { cron } = checkKnown('schedules options', options, ['cron']);
  if (cron !== undefined && typeof cron !== 'function')
    throw new InvalidOptionError('cron', cron, 'cron of holdfast/cron');
  const given = Object.entries(checkKnown('schedules', declared, Object.keys(Object(declared))));
  for (const [id, definition] of given)
    checkDefinition(`schedules[${JSON.stringify(checkScheduleId(id))}]`, definition);
  const feature: WorkFeature & ServedFeature & { readonly settings: Settings } = {
    name: 'schedules',
    order: orderOf('schedules'),
    settings: { declared: given, cron },
    *asks(_rows, control, ask, now) {
      return nextTickAt(control, ask as TickWatch | undefined, now);
    },
    works(context) {
      const part = context.part(Schedules);
      return (tell) => new Ticker(part, context.environment, tell);
    },
    serves: [servingFire, listingSchedules],
    checkAsk: checkTicks,
  };
  return feature;
}
