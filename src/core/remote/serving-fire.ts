import type { FireAnswer, FireRequest, Firing, Schedule } from '../kernel/messages.ts';
import { everyTicks, planFiring } from '../kernel/ticks.ts';
import { firing, listingSchedules } from '../operations/schedule-operations.ts';
import type { Context } from '../queue/context.ts';
import type { CronFunction } from '../queue/recurrence.ts';
import type { ServedOperation } from './expose.ts';
import { checkFire } from './lease-check.ts';

/** So far a caller's clock may be ahead of the host's. */
const SLACK_MS = 2_000;
/** Jobs that one call brings: what is left is due, and comes with the next. */
const MAX_TICKS = 1_000;
const STALE: FireAnswer = { status: 'stale', jobs: [] };

/** A caller says what he has seen: what is due of that, and what comes next, the host computes, where it can. `stale`: also what is not due. */
export const servingFire: ServedOperation<FireRequest, readonly FireAnswer[]> = {
  ...firing,
  check: checkFire,
  async act({ firings }, context) {
    const schedules = new Map((await context.run(listingSchedules, {})).map((one) => [one.id, one]));
    const now = context.rowsNow();
    let room = MAX_TICKS;
    const due = firings.map((asked) => {
      const schedule = schedules.get(asked.id);
      const planned = schedule?.nextAt === asked.seenAt ? dueOf(asked, schedule, now, context) : undefined;
      if (planned === undefined || planned.ticks.length > room) return undefined;
      room -= planned.ticks.length;
      return planned;
    });
    const fired = (await context.run(firing, { firings: due.filter((one) => one !== undefined) })).values();
    return due.map((one) => (one === undefined ? STALE : (fired.next().value as FireAnswer)));
  },
};

function dueOf(asked: Firing, schedule: Schedule, now: number, { setup }: Context): Firing | undefined {
  const { rule } = schedule;
  const at = asked.seenAt - now <= SLACK_MS ? Math.max(now, asked.seenAt) : now;
  if (rule.kind === 'every') return planFiring(schedule, everyTicks(rule), at);
  const cron = setup.cron as CronFunction | undefined;
  return cron === undefined
    ? believed(asked, schedule, at)
    : planFiring(schedule, cron(rule.pattern, { timeZone: rule.timeZone }), at);
}

/** Of a rule that cannot be computed here: as long as it may be so. A pattern has no end. */
function believed(asked: Firing, { missed }: Schedule, at: number): Firing | undefined {
  const { seenAt, ticks, nextAt } = asked;
  const most = typeof missed === 'object' ? missed.all : 1;
  const mayBe =
    nextAt !== undefined &&
    (seenAt <= at ? nextAt > seenAt : nextAt < seenAt) &&
    ticks.length <= most &&
    ticks.every(
      (tick, i) => tick >= seenAt && tick <= at && tick > (ticks[i - 1] ?? Number.NEGATIVE_INFINITY),
    );
  return mayBe ? asked : undefined;
}
