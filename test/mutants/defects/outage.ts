import type { Defect } from '../defect.ts';

const target = 'src/core/kernel/target.ts';
const probe = 'src/core/kernel/probe.ts';
const outage = 'src/core/kernel/outage.ts';

/** Outages: a retry storm and a target that never opens again are as bad as a dead job. */
export const outageDefects: readonly Defect[] = [
  {
    name: 'a target that was closed never opens again',
    file: target,
    replace: ['closed.allowed === undefined ? RAMP_BEGIN : 2', 'closed.allowed === undefined ? 0 : 2'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'probes of a target that is down come every second',
    file: target,
    replace: ['FIRST_WAIT_MS * 2 ** step', 'FIRST_WAIT_MS'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a server that fails counts against jobs although nobody gets through',
    file: outage,
    replace: ["if (how.kind === 'answered' && evidence) return", "if (how.kind === 'answered') return"],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a job that nobody reached dies although nobody else got through',
    file: outage,
    replace: [
      ': evidence && openClock(before, now) - doubtMs - against >= outageMs',
      ': now - since >= outageMs',
    ],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a target that fails while it is tried forgets how long it was down',
    file: target,
    replace: ['step: Math.min(MAX_STEP, closed.step + 1)', 'step: 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a target that got one through lets all through',
    file: target,
    replace: ['const RAMP_BEGIN = 2;', 'const RAMP_BEGIN = 1_000;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a probe that is lost with its tab keeps its target closed',
    file: target,
    replace: ['? { ...closed, at: now } : closed', '? { ...closed, at: now + 3_600_000 } : closed'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a clock that was ahead prolongs the wait for a probe',
    file: target,
    replace: ['  at: Math.min(closed.at, now),\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a second tab probes beside the first',
    file: probe,
    replace: ['budget: !isOut && dueAt <= now ? 1 : 0', 'budget: dueAt <= now ? 1 : 0'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'what is too old by a clock in doubt tries a target, and keeps it closed',
    file: probe,
    replace: [
      '      if (isInDoubt(row)) doubts += 1;\n',
      '      if (isInDoubt(row) && doubts < 0) doubts += 1;\n',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a target whose jobs are all in doubt is asked about again and again',
    file: probe,
    replace: ['{ ...cursor, waits: true }', 'cursor'],
    caughtBy: ['conformance'],
  },
  {
    name: 'each probe that fails writes the row of its job',
    file: outage,
    replace: ['  if (inPlace && !isNew) return {};\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'the same job is the probe again and again',
    file: target,
    replace: ['{ ...probed, cursor, roundAt: goesOn', '{ ...probed, roundAt: goesOn'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that crashes whenever it is asked keeps the others from being asked',
    file: 'src/core/kernel/probe.ts',
    replace: ['Math.min(takes.now, after.roundAt - 1)', 'takes.now'],
    caughtBy: ['conformance'],
  },
  {
    name: 'each hope that a target is back probes it at once',
    file: target,
    replace: ['Math.max(LIFT_MS, sinceMs)', 'sinceMs'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what was claimed ahead of a closing target begins',
    file: 'src/core/kernel/begin.ts',
    replace: ['  if (!lease.free && recordOf(', '  if (lease.free && recordOf('],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job fails since a clock was ahead, whatever that was set to',
    file: target,
    replace: ['Math.min(since, at, now)', 'Math.min(since, now)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job was failed beside others since a clock was ahead, whatever that was set to',
    file: target,
    replace: ['Math.min(against, openAt, clock)', 'Math.min(against, clock)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what was said after a clock was set back is taken for what was said before',
    file: target,
    replace: ['setBacks < record.setBack.times', 'setBacks >= 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'other workers of a context begin what they have claimed ahead of a target that was closed',
    file: 'src/core/work/worker.ts',
    replace: [
      "answer.outage?.closed.length ? 'cancel' : 'work'",
      "answer.outage?.closed.length ? 'work' : 'work'",
    ],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'other tabs are not told that a target was closed',
    file: 'src/core/work/lease-operations.ts',
    replace: [
      "answer.outage.closed.length > 0) return 'cancel';",
      "answer.outage.closed.length > 0) return 'change';",
    ],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'a URL of which no request can be made counts as a server that was not reached',
    file: 'src/core/work/reach.ts',
    replace: [
      'code === undefined && isNetworkError(thrown)',
      'code === undefined && thrown instanceof TypeError',
    ],
    caughtBy: ['test/unit/outages.test.ts'],
  },
  {
    name: 'the time of an outage is held against jobs that failed before it',
    file: target,
    replace: ['  return now - closedMs - (closed', '  return now - 0 * closedMs - (closed'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a worker without a network eats what others would do',
    file: 'src/core/work/apart.ts',
    replace: ['const IN_A_ROW = 3;', 'const IN_A_ROW = 3_000_000;'],
    caughtBy: ['test/unit/outages.test.ts'],
  },
];
