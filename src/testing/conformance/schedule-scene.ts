import type {
  Firing,
  PutSchedulesAnswer,
  ScheduleSpec,
  TickWatch,
} from '../../core/features/schedules/messages.ts';
import type { Opening } from './opening.ts';
import type { More } from './spec.ts';

export const SECOND = 1_000;

export const EVERY = { kind: 'every', ms: SECOND } as const;

export const CRON = { kind: 'cron', pattern: '0 9 * * *', timeZone: 'UTC' } as const;

export interface Putting extends Partial<Omit<ScheduleSpec, 'id' | 'job'>> {
  readonly job?: More;
}

export function put(
  { store, queue }: Opening,
  now: number,
  id: string,
  more: Putting = {},
): Promise<PutSchedulesAnswer> {
  const job = { name: 'job', version: 1, priority: 0, payload: { of: id }, ...more.job };
  const schedule = { id, rule: EVERY, missed: 'once', overlap: true, ...more, job } as const;
  return store.putSchedules({ queue, schedules: [schedule] }, now);
}

export function fire({ store, queue }: Opening, now: number, ...firings: Firing[]) {
  return store.fire({ queue, firings }, now);
}

export const pause = ({ store, queue }: Opening, now: number, id: string, paused = true) =>
  store.pauseSchedule({ queue, id, paused }, now);

export const trigger = ({ store, queue }: Opening, now: number, id: string, run: string) =>
  store.triggerSchedule({ queue, id, run }, now);

export const list = ({ store, queue }: Opening) => store.listSchedules({ queue });

export const tick = (seenAt: number, ticks: number[] = [seenAt], more: Partial<Firing> = {}): Firing => ({
  id: 's',
  seenAt,
  ticks,
  nextAt: (ticks.at(-1) ?? seenAt) + SECOND,
  ...more,
});

/** What a claim says that watches for ticks of these names, and asks for their jobs. */
export function watch(...names: string[]) {
  const versions = Object.fromEntries(names.map((name) => [name, 1]));
  return { asks: { schedules: { kinds: ['every'], names: versions } satisfies TickWatch }, names };
}
