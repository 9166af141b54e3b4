import { InvalidOptionError } from '../../kernel/errors.ts';
import { checkAll } from '../../queue/job-options.ts';
import { checkCount, checkKnown, checkPlain, checkText, reading } from '../../queue/options.ts';
import { checkRate, type Rate } from './rate-setting.ts';

/** What holds for the jobs of a name. */
export interface NameLimits {
  /**
   * How many may be active in the queue at a time, over all workers and tabs that say so. A job of a tab that vanished counts until its lease
   * is taken back. Default: no limit. Minimum 1.
   */
  readonly maxActive?: number;
  /**
   * How often attempts may begin, over all workers and tabs; jobs that are enqueued with a `rateKey` are counted by that key alone. Each
   * claim takes a token: a retry takes another, and one that is given back before it began does not return it. Default: no limit.
   */
  readonly rate?: Rate;
}

export interface LimitOptions {
  /**
   * Jobs that may be active in the queue at a time, of all names together, over all workers and tabs that say so. One of a tab that vanished
   * counts until its lease is taken back. Default: no limit. Minimum 1.
   */
  readonly maxActive?: number;
}

/** All limits of a page. */
export interface Limits extends LimitOptions {
  readonly names: ReadonlyMap<string, NameLimits>;
}

const CHECKS = { maxActive: checkCount, rate: checkRate };

/** Throws InvalidOptionError. */
export function checkLimits(byName: object, options: LimitOptions): Limits {
  const { maxActive } = checkKnown('limits options', options, ['maxActive']);
  const given = reading('limits', byName, () => Object.entries(checkPlain('limits', byName)));
  const names = given.map(([name, limits]) => {
    checkText('a name in limits', name);
    if (typeof limits !== 'object')
      throw new InvalidOptionError(`limits[${JSON.stringify(name)}]`, limits, 'an object');
    return [name, checkAll<NameLimits>(`limits of ${JSON.stringify(name)}`, limits, CHECKS)] as const;
  });
  return {
    names: new Map(names),
    ...(maxActive === undefined ? {} : { maxActive: checkCount('maxActive', maxActive) }),
  };
}
