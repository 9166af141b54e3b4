import { type Context, rowsNow } from '../../queue/context.ts';
import { checkCount, checkInstant, checkOneOf } from '../../queue/options.ts';
import type { ServedOperation } from '../../remote/expose.ts';
import { each, fields, optional, recordOf } from '../../remote/lease-check.ts';
import { checkScheduleId } from './definition.ts';
import type { FireAnswer, FireRequest, Firing, Schedule, TickWatch } from './messages.ts';
import { firing, listingSchedules } from './operations.ts';
import { settingsOf } from './settings.ts';
import { everyTicks, planFiring } from './ticks.ts';

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
    const now = rowsNow(context);
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

function dueOf(asked: Firing, schedule: Schedule, now: number, context: Context): Firing | undefined {
  const { rule } = schedule;
  const at = asked.seenAt - now <= SLACK_MS ? Math.max(now, asked.seenAt) : now;
  if (rule.kind === 'every') return planFiring(schedule, everyTicks(rule), at);
  const { cron } = settingsOf(context);
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

/** What a worker elsewhere could fire. Throws InvalidOptionError. */
export function checkTicks(what: string, given: unknown): TickWatch {
  const { kinds, names } = fields(what, given, ['kinds', 'names']);
  return {
    kinds: each(`${what}.kinds`, kinds, (kind, value) => checkOneOf(kind, value, ['every', 'cron'])),
    names: recordOf(`${what}.names`, names, (name, version) => checkCount(name, version)),
  };
}

function checkFire(given: unknown): FireRequest {
  const { firings } = fields('arguments', given, ['firings']);
  return {
    firings: each('firings', firings, (what, item) => {
      const firing = fields(what, item, ['id', 'seenAt', 'ticks', 'nextAt']);
      return {
        id: checkScheduleId(firing.id),
        seenAt: checkInstant('seenAt', firing.seenAt),
        ticks: each('ticks', firing.ticks, checkInstant),
        ...optional(firing, 'nextAt', checkInstant),
      };
    }),
  };
}
