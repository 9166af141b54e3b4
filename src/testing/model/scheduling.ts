import { type Arbitrary, array, boolean, constantFrom, nat, oneof, record } from 'fast-check';
import type { Firing, MissedPolicy, RecurrenceRule } from '../../core/features/schedules/messages.ts';
import { command } from './command.ts';
import { ms, name, payload, payloadName } from './words.ts';

const schedules = ['s', 't', '\u{1f600}'] as const;
const schedule = constantFrom(...schedules);

const rule: Arbitrary<RecurrenceRule> = oneof(
  record({ kind: constantFrom('every' as const), ms: constantFrom(1_000, 5_000) }),
  record({ kind: constantFrom('every' as const), ms: constantFrom(1_000), anchor: constantFrom(0, 7) }),
  record({
    kind: constantFrom('cron' as const),
    pattern: constantFrom('* * * * *'),
    timeZone: constantFrom('UTC', 'Asia/Tokyo'),
  }),
);

export const putSchedules = command(
  'put schedules',
  {
    given: array(
      record({
        id: schedule,
        rule,
        name,
        version: constantFrom(1, 1, 2),
        payload: payloadName,
        missed: constantFrom<MissedPolicy>('skip', 'once', { all: 3 }),
        overlap: boolean(),
        lane: oneof(constantFrom(undefined, undefined), constantFrom('doc')),
        inMs: ms,
      }),
      { minLength: 1, maxLength: 2 },
    ),
  },
  (walk, { given }) =>
    walk.ask('putSchedules', {
      schedules: given.map(({ id, rule: when, missed, overlap, inMs, payload: shown, lane, ...job }) => ({
        id,
        rule: when,
        missed,
        overlap,
        ...(when.kind === 'cron' ? { nextAt: walk.now + inMs } : {}),
        job: { ...job, priority: 0, payload: payload(shown), ...(lane === undefined ? {} : { lane }) },
      })),
    }),
);

export const removeSchedule = command('remove schedule', { id: schedule }, (walk, { id }) =>
  walk.ask('removeSchedule', { id }),
);

/** Mostly the tick that is next, whether or not it is due; sometimes one that never was. */
export const fire = command(
  'fire',
  {
    firings: array(
      record({ nth: nat(2), seen: constantFrom(true, true, true, false), ticks: nat(3), inMs: ms }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  },
  async (walk, { firings }) => {
    const there = (await walk.ask('listSchedules', {})) ?? [];
    const asked = firings.map(({ nth, seen, ticks, inMs }): Firing => {
      const { id, nextAt = walk.now } = there[nth % Math.max(1, there.length)] ?? { id: 's' };
      return {
        id,
        seenAt: seen ? nextAt : nextAt + 1,
        ticks: Array.from({ length: ticks }, (_, i) => nextAt + i),
        ...(inMs === 0 ? {} : { nextAt: walk.now + inMs }),
      };
    });
    await walk.ask('fire', { firings: asked });
  },
);

/** A claim that would fire whatever it can: its answer tells the next tick. */
export const watching = record({
  schedules: record({
    kinds: constantFrom<readonly RecurrenceRule['kind'][]>(['every'], ['every', 'cron']),
    names: constantFrom({ job: 1 }, { job: 2, job2: 2 }),
  }),
});
