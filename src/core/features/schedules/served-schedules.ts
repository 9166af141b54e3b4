import type { OptionTable } from '../../queue/option-table.ts';
import {
  checkBoolean,
  checkInstant,
  checkKnown,
  checkList,
  checkOneOf,
  checkText,
} from '../../queue/options.ts';
import type { PublicOperation } from '../../queue/queue-operation.ts';
import { admitPayloads, checkScheduled } from '../../queue/sent-spec.ts';
import { checkMissed, checkScheduleId } from './definition.ts';
import type { PutSchedulesAnswer, PutSchedulesRequest, RecurrenceRule, ScheduleSpec } from './messages.ts';
import { puttingSchedules } from './operations.ts';
import { type EveryOptions, every } from './recurrence.ts';

/** As many as a queue can have. */
const MAX_SCHEDULES = 1_000;

/** Putting schedules, for callers elsewhere. Nothing else needs its checks. */
export const servingSchedules: PublicOperation<PutSchedulesRequest, PutSchedulesAnswer> = {
  ...puttingSchedules,
  check(given, { accepts }) {
    const { schedules } = checkKnown('arguments', given as PutSchedulesRequest, ['schedules']);
    return {
      schedules: checkList('schedules', schedules, MAX_SCHEDULES).map((each, i) =>
        checkSchedule(`schedules[${i}]`, each, accepts),
      ),
    };
  },
  admit: ({ schedules }, host) =>
    admitPayloads(
      host,
      schedules.map(({ job }) => job),
    ),
};

function checkSchedule(what: string, given: ScheduleSpec, accepts: OptionTable): ScheduleSpec {
  const known = ['id', 'rule', 'nextAt', 'missed', 'overlap', 'job'];
  const { id, rule, nextAt, missed, overlap, job } = checkKnown(what, given, known);
  return {
    id: checkScheduleId(id),
    rule: checkRule(`${what}.rule`, rule),
    ...(nextAt === undefined ? {} : { nextAt: checkInstant(`${what}.nextAt`, nextAt) }),
    missed: checkMissed(missed),
    overlap: checkBoolean(`${what}.overlap`, overlap),
    job: checkScheduled(`${what}.job`, job, accepts),
  };
}

function checkRule(what: string, given: RecurrenceRule): RecurrenceRule {
  const { kind, ...rule } = checkKnown(what, given as Readonly<Record<string, unknown>>, [
    'kind',
    ...['ms', 'anchor', 'pattern', 'timeZone'],
  ]);
  if (checkOneOf(`${what}.kind`, kind, ['every', 'cron']) === 'every')
    return every(rule as unknown as EveryOptions).rule;
  const { pattern, timeZone } = checkKnown(what, rule, ['pattern', 'timeZone']);
  return {
    kind: 'cron',
    pattern: checkText(`${what}.pattern`, pattern),
    timeZone: checkText(`${what}.timeZone`, timeZone),
  };
}
