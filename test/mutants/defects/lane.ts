import type { Defect } from '../defect.ts';

export const laneDefects: readonly Defect[] = [
  {
    name: 'a completed job does not let its lane go on',
    file: 'src/core/kernel/lease-ends.ts',
    replace: [
      '  yield* read(rows.dropJobs([lease]));\n  yield* leaveLane(rows, control, lease.lane, now);\n',
      '  yield* read(rows.dropJobs([lease]));\n',
    ],
    caughtBy: ['simulator', 'conformance', 'model'],
  },
  {
    name: 'a dead job does not let its lane go on',
    file: 'src/core/kernel/lane.ts',
    replace: ['    yield* leaveLane(rows, control, lane, now);\n    return final;', '    return final;'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a cancelled head does not let its lane go on',
    file: 'src/core/kernel/lane.ts',
    replace: ['  yield* leaveLane(rows, control, laneOf(row), now);\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a job that is cancelled while it is parked lets its lane go on',
    file: 'src/core/kernel/lane.ts',
    replace: [
      '    rows.unpark(row);\n    return;\n',
      '    rows.unpark(row);\n    yield* leaveLane(rows, control, laneOf(row), now);\n    return;\n',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'an occupied lane lets another job in',
    file: 'src/core/kernel/lane.ts',
    replace: ['(lane !== undefined && (yield* hasHead(rows, control, lane)))', 'false'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a promoted job stays parked as well',
    file: 'src/core/kernel/lane.ts',
    replace: ['  rows.unpark(next);\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a promoted job is due before its time',
    file: 'src/core/kernel/lane.ts',
    replace: ['due: Math.max(1, now, next.due)', 'due: Math.max(1, now)'],
    caughtBy: ['simulator'],
  },
];
