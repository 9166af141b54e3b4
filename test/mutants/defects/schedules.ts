import type { Defect } from '../defect.ts';

const file = 'src/core/features/schedules/stored-schedules.ts';

export const scheduleDefects: readonly Defect[] = [
  {
    name: 'a tick is fired by everybody who saw it',
    file,
    replace: ['row.nextAt !== seenAt ||', 'row.nextAt === undefined ||'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a fired schedule stays at its tick',
    file,
    replace: ['is.nextAt = nextAt;', 'is.nextAt = seenAt;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a tick overlaps the job that still lives',
    file,
    replace: ["found !== undefined && found.at !== 'finals'", "found !== undefined && found.at === 'finals'"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a paused schedule is fired',
    file,
    replace: ['  if (row.paused) return STALE;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a paused schedule wakes workers',
    file: 'src/core/features/schedules/next-ticks.ts',
    replace: ['nextAt === undefined || paused', 'nextAt === undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a schedule is triggered twice by one call that is repeated',
    file,
    replace: ['now, idOf(id, run))', 'now, idOf(id, now))'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a paused name is fired',
    file,
    replace: [' || isPaused(control, row.job.name)) return STALE', ') return STALE'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what a clock that was ahead has fired is fired again when its time comes',
    file: 'src/core/features/schedules/stored-schedules.ts',
    replace: ['    row.firedAhead = [lastFrom, lastAt];', '    row.firedAhead = [0, 0];'],
    caughtBy: ['conformance', 'test/unit/schedules.test.ts'],
  },
  {
    name: 'of ticks that were fired together only the last is not fired again',
    file: 'src/core/features/schedules/stored-schedules.ts',
    replace: ['is.lastFrom = fired[0] as number;', 'is.lastFrom = fired.at(-1) as number;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the latest tick is told instead of the earliest',
    file: 'src/core/features/schedules/next-ticks.ts',
    replace: [
      'if (nextAt < (ticks.get(key)?.at ?? Number.POSITIVE_INFINITY))',
      'if (nextAt > (ticks.get(key)?.at ?? 0))',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a claim does not wake for a tick',
    file: 'src/core/kernel/claim.ts',
    replace: ['next = Math.min(next, ...Object.values(told));', 'next = Math.min(next);'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a clock that was set back leaves ticks where they were',
    file: 'src/core/features/schedules/next-ticks.ts',
    replace: ['isOld ? Math.min(at, now) : at', 'at'],
    caughtBy: ['conformance'],
  },
  {
    name: 'ticks that were looked at after a clock was set back are looked at again and again',
    file: 'src/core/features/schedules/next-ticks.ts',
    replace: ['control.ticked = control.setBacks ?? 0;', 'delete control.ticked;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a queue whose row was made anew has no ticks',
    file: 'src/core/features/schedules/next-ticks.ts',
    replace: ['if (mended && isOld)', 'if (mended && !isOld)'],
    caughtBy: ['test/unit/damage.test.ts'],
  },
  {
    name: 'what the jobs of a schedule owe is known only where it was put',
    file,
    replace: ['owes === undefined ? sealedJob', 'true ? sealedJob'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the jobs of a schedule owe their ends to who was abandoned',
    file: 'src/core/kernel/owed.ts',
    replace: ['names.has(name) || control.owing', 'name !== undefined || control.owing'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what the jobs of a schedule owe is forgotten with the row of the queue',
    file,
    replace: ['if (isAnew(control))', 'if (!isAnew(control))'],
    caughtBy: ['test/unit/fewer-features.test.ts'],
  },
  {
    name: 'a schedule that is put again begins anew',
    file,
    replace: ['row.rule === was?.rule\n      ? was.nextAt', 'row.rule === undefined\n      ? undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a schedule that is removed goes on',
    file,
    replace: ['  rows.dropRecord(SCHEDULE, id);\n', ''],
    caughtBy: ['conformance'],
  },
];
