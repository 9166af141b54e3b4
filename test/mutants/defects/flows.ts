import type { Defect } from '../defect.ts';

export const flowDefects: readonly Defect[] = [
  {
    name: 'a job runs when the first of those it depends on has completed',
    file: 'src/core/logic/flow.ts',
    replace: ['if (left.length > 0) {', 'if (left.length > 99) {'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a death is taken for a completion by those that wait',
    file: 'src/core/logic/flow.ts',
    replace: ["if (end === 'completed' || onDependencyDeath === 'run') {", 'if (end !== undefined) {'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is left to be told is forgotten after the first part',
    file: 'src/core/logic/flow.ts',
    replace: ['if (edges.length < limit) rows.dropRecord', 'rows.dropRecord'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a running job is not told that others wait for it',
    file: 'src/core/logic/dependencies.ts',
    replace: ['    lease.awaited = true;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a cancelled job leaves those that wait for it behind',
    file: 'src/core/logic/lane.ts',
    replace: ["  yield* noteEnd(rows, control, row, 'cancelled');\n", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a circle is let in',
    file: 'src/core/logic/enqueue.ts',
    replace: ['  checkCycles(jobs);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch counts duplicates',
    file: 'src/core/logic/enqueue.ts',
    replace: ["|| plans[i]?.status !== 'enqueued') continue;\n    joins", ') continue;\n    joins'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch is over before it is closed',
    file: 'src/core/logic/batch.ts',
    replace: ['closed && open === 0', 'open === 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch brings its last job again',
    file: 'src/core/logic/batch.ts',
    replace: ["rows.putRecord('batch', id, rest);\n", "rows.putRecord('batch', id, batch);\n"],
    caughtBy: ['conformance'],
  },
];
