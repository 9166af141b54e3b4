import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/enqueue.ts';

export const enqueueDefects: readonly Defect[] = [
  {
    name: 'an id that comes twice in one call is stored twice',
    file,
    replace: ['  if (here !== undefined) return { ...duplicate, id: here };\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a key that comes twice in one call is stored twice',
    file: 'src/core/kernel/keyed.ts',
    replace: ['if (earlier?.row !== undefined) return', 'if (earlier?.row === row) return'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an id that was accepted before is accepted again',
    file,
    replace: ['  if (!spec.known) return undefined;\n', '  if (spec.id) return undefined;\n'],
    caughtBy: ['simulator'],
  },
  {
    name: 'headers are not stored',
    file: 'src/core/kernel/new-row.ts',
    replace: [
      '!(DONE.has(field) || field in row)',
      "!(DONE.has(field) || field in row || field === 'headers')",
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job that is replaced keeps its headers',
    file: 'src/core/kernel/keyed.ts',
    replace: ['field in NEWCOMERS ||', "(field !== 'headers' && field in NEWCOMERS) ||"],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'the payload that replaces another is not taken',
    file: 'src/core/kernel/keyed.ts',
    replace: ['field in NEWCOMERS ||', "(field !== 'payload' && field in NEWCOMERS) ||"],
    caughtBy: ['simulator'],
  },
  {
    name: 'a duplicate that should keep replaces',
    file: 'src/core/kernel/keyed.ts',
    replace: ["if (policy === 'keep') return { id: held.row.id, status: 'duplicate' };", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'the follow-up of a running job is not stored',
    file: 'src/core/kernel/keyed.ts',
    replace: [
      'has(held.row.id)) return follow();',
      "has(held.row.id)) return { id: row.id, status: 'enqueued' };",
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a running job is replaced instead of followed',
    file: 'src/core/kernel/keyed.ts',
    replace: ['if (claimedIds(yield* read(rows.claims())).has(held.row.id))', 'if (held.row === row)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'an enqueued job is not counted',
    file,
    replace: ['    control.pending += 1;\n', ''],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'two jobs get one seq',
    file,
    replace: ['    seq += 1;\n', '    seq += spec.priority === 0 ? 1 : 0;\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a full queue accepts more',
    file: 'src/core/kernel/room.ts',
    replace: [
      'if (refuses) throw full(rows, limits, broken, grown);',
      'if (!refuses) throw full(rows, limits, broken, grown);',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a call is taken as it is when one of its jobs may be',
    file,
    replace: ['const isPlain = jobs.every(', 'const isPlain = jobs.some('],
    caughtBy: ['conformance', 'simulator', 'model'],
  },
];
