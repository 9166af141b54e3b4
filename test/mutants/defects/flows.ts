import type { Defect } from '../defect.ts';

export const flowDefects: readonly Defect[] = [
  {
    name: 'the row of each job of a batch is read to count its end',
    file: 'src/core/features/flows/flows.ts',
    replace: ['    copyToLease(lease, row);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job for which results were brought is run where nobody can find them',
    file: 'src/core/features/flows/dependencies.ts',
    replace: [
      'return needing({ ...row, extras: { ...row.extras, ...known }, extraBytes });',
      'return { ...row, extras: { ...row.extras, ...known }, extraBytes };',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the last job of a batch is run where nobody can find its counts',
    file: 'src/core/features/flows/batches.ts',
    replace: ['extras: { batch: counts }, needs: [FLOWS],', 'extras: { batch: counts },'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a feature that is abandoned keeps parked what waits by it',
    file: 'src/core/kernel/abandon.ts',
    replace: [
      'if (row.parkedBy !== feature) rows.park(without(row, abandoning));',
      "if (row.id !== '') rows.park(row);",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'what died of another is redriven where nobody knows what it waits for',
    file: 'src/core/kernel/revive.ts',
    replace: ['  if (job.parkedBy !== undefined && revives.length === 0) return undefined;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job is kept as completed before those hear of it who look at its row',
    file: 'src/core/kernel/settle.ts',
    replace: [
      "  yield* noteEnd(rows, control, lease, 'completed', result);\n  if (row !== undefined) remember(settling, { row, outcome, result });\n",
      "  if (row !== undefined) remember(settling, { row, outcome, result });\n  yield* noteEnd(rows, control, lease, 'completed', result);\n",
    ],
    caughtBy: ['test/workerd/durable-object.test.ts'],
  },
  {
    name: 'a job runs when the first of those it depends on has completed',
    file: 'src/core/features/flows/go-on.ts',
    replace: ['filter((other) => other !== id);', "filter((other) => other === '');"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a death is taken for a completion by those that wait',
    file: 'src/core/features/flows/go-on.ts',
    replace: ['  if (isMet(end, row)) {', '  if (end !== undefined) {'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is left to be told is forgotten after the first part',
    file: 'src/core/features/flows/go-on.ts',
    replace: [
      'if (next === undefined || edges.length < limit) rows.dropRecord',
      'if (ended) rows.dropRecord',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'an ended job is taken for the one that takes its id in the same call',
    file: 'src/core/features/flows/dependencies.ts',
    replace: [
      "begun.has(plan.id) || last?.status !== 'enqueued'",
      "begun.has(plan.id) || last?.status !== ''",
    ],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a result is found under the last of its names',
    file: 'src/core/features/flows/dependencies.ts',
    replace: ['known === undefined ? label : [known, label].flat()', 'label'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a running job is not told that others wait for it',
    file: 'src/core/features/flows/dependencies.ts',
    replace: ['    lease.owes = marked.owes ?? [];\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a cancelled job leaves those that wait for it behind',
    file: 'src/core/kernel/lane.ts',
    replace: ["  yield* noteEnd(rows, control, row, 'cancelled');\n", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a circle is let in',
    file: 'src/core/features/flows/flows.ts',
    replace: ['    checks: checkCycles,\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch counts duplicates',
    file: 'src/core/features/flows/batch-moves.ts',
    replace: ["    if (plan.status === 'duplicate') continue;\n    // Who", '    // Who'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch is over before it is closed',
    file: 'src/core/features/flows/batches.ts',
    replace: ['closed && open === 0', 'open === 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch brings its last job again',
    file: 'src/core/features/flows/batches.ts',
    replace: ['rows.putRecord(BATCH, id, rest);\n', 'rows.putRecord(BATCH, id, batch);\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that died while it waited never hears that the others have ended',
    file: 'src/core/features/flows/go-on.ts',
    replace: ["    else if (dependent?.at === 'finals') tellDead(rows, dependent.row, ended);\n", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'who waits for a job is told the end of the one that had its id before',
    file: 'src/core/features/flows/go-on.ts',
    replace: [' && edge.key <= last', ''],
    caughtBy: ['test/unit/mended-flows.test.ts'],
  },
  {
    name: 'who has taken the id of one that waited ends with what that one waited for',
    file: 'src/core/features/flows/go-on.ts',
    replace: ['edge.key !== seqKey(ended.id, rowOf(dependent).seq)', "edge.key === ''"],
    caughtBy: ['conformance'],
  },
  {
    name: 'that others may go on is told to nobody',
    file: 'src/core/kernel/exchange.ts',
    replace: ['      wentOn: wentOn || undefined,\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is waited for is dropped for who waits',
    file: 'src/core/features/drop/make-room.ts',
    replace: ['[id, ...spares]', '[id, ...spares.slice(99)]'],
    caughtBy: ['conformance'],
  },
];
