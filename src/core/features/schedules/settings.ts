import type { Context } from '../../queue/context.ts';
import type { ScheduleDefinition } from './definition.ts';
import type { CronFunction } from './recurrence.ts';

/** What `schedules` was given. */
export interface Settings {
  /** By their ids. */
  readonly declared: readonly (readonly [id: string, definition: ScheduleDefinition])[];
  readonly cron: CronFunction | undefined;
}

const NONE: Settings = { declared: [], cron: undefined };

/** Those of a context that does not use `schedules`: none. */
export const settingsOf = ({ setup }: Context): Settings =>
  (setup.use.find(({ name }) => name === 'schedules') as Partial<Record<'settings', Settings>> | undefined)
    ?.settings ?? NONE;
