import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/settle.ts';

export const settleDefects: readonly Defect[] = [
  {
    name: 'the fence is not checked',
    file,
    replace: ['lease !== undefined && lease.fence === settlement.fence', 'lease !== undefined'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'one lease is settled twice by one call',
    file,
    replace: ['    leases.delete(lease.id);\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a failure is subtracted instead of added',
    file,
    replace: ['  failures: row.failures + 1,\n', '  failures: row.failures - 1,\n'],
    caughtBy: ['simulator'],
  },
  {
    name: 'the attempt counts down',
    file: 'src/core/kernel/view.ts',
    replace: ['attempt: row.failures + 1', 'attempt: row.failures - 1'],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'a release counts as a failure',
    file,
    replace: [
      'failedRow(row, outcome.error) : row;',
      'failedRow(row, outcome.error) : { ...row, failures: row.failures + 1 };',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'a retry is due at once',
    file: 'src/core/kernel/lease-ends.ts',
    replace: ['runAt, due: Math.max(1, runAt) };', 'runAt, due: 1 };'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'what a handler enqueued is forgotten',
    file,
    replace: ['  yield* admit(rows, control, chained, now);\n', ''],
    caughtBy: ['simulator', 'conformance', 'model'],
  },
  {
    name: 'the bytes of an ended job stay counted',
    file,
    replace: [
      '  control.bytes -= lease.size;\n  forgetAge(rows, lease);\n  drops',
      '  forgetAge(rows, lease);\n  drops',
    ],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'a settled job stays counted as active',
    file,
    replace: ['  control.active -= 1;\n', ''],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'a dead job is not counted',
    file: 'src/core/kernel/lane.ts',
    replace: ['  control.dead += 1;\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a batch does not hear that its job is done',
    file: 'src/core/features/flows/ends.ts',
    replace: [
      '  else if (known.batch !== undefined) yield* noteBatchEnd(rows, control, known.batch, end);\n',
      '',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that was done is not remembered',
    file,
    replace: ['lease.owes === undefined && !lease.remembered', 'lease.owes === undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'those that wait for a job do not hear that it is done',
    file: 'src/core/features/flows/ends.ts',
    replace: ['if (known === undefined || known.awaited)', 'if (known === undefined)'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a completed job comes back',
    file,
    replace: ['  drops.push(lease);\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a buried job is not among the dead',
    file: 'src/core/kernel/lane.ts',
    replace: ['  rows.putFinal(final);\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a cancel that was requested ends with the attempt',
    file: 'src/core/kernel/lease-ends.ts',
    replace: ['  cancelRequested === true || (unbegun', '  (cancelRequested === undefined && unbegun'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a rate limited name is not held',
    file,
    replace: ['lease.name, atMost(outcome.holdUntil, outcome.waitMs, settling.now)', 'lease.name, 0'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a job that is redriven keeps its failures',
    file: 'src/core/kernel/revive.ts',
    replace: ['{ failures: 0, crashes: 0, errors: [],', '{ errors: [],'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a job is redriven onto a key that another holds',
    file: 'src/core/kernel/revive.ts',
    replace: ['if (!holders.every(isAhead) || ', 'if ('],
    caughtBy: ['conformance'],
  },
  {
    name: 'leases that came with a lost answer are not given back',
    file: 'src/core/kernel/exchange.ts',
    replace: ['if (request.held === undefined) return false;', 'return false;'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job given back by a clock that was set back waits for the old one',
    file: 'src/core/kernel/lease-ends.ts',
    replace: [
      'if (row !== undefined) requeue(rows, control, row, Math.min(row.runAt, now), now);',
      'if (row !== undefined) requeue(rows, control, row, row.runAt, now);',
    ],
    caughtBy: ['conformance'],
  },
];
