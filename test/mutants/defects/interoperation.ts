import type { Defect } from '../defect.ts';

/** Of pages with fewer features beside pages with more. */
export const interoperationDefects: readonly Defect[] = [
  {
    name: 'what a page lacks never hears of an end',
    file: 'src/core/kernel/owed.ts',
    replace: ['if (!names.has(name)) yield* owe(rows', 'if (names.has(name)) yield* owe(rows'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a lease forgets what its job owes',
    file: 'src/core/kernel/new-lease.ts',
    replace: ['held.owes = row.owes;', 'held.owes = [];'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is owed is heard by whoever comes first',
    file: 'src/core/kernel/owed.ts',
    replace: ['if (feature.name === name) yield* feature.leaves(', 'yield* feature.leaves('],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is owed of a job is heard after its next end',
    file: 'src/core/kernel/owed.ts',
    replace: [
      'yield* workOff(rows, control, feature.name, owedKey(feature.name, job));\n    yield* feature.leaves(',
      'yield* feature.leaves(',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'one that died and lives again is heard to have died only',
    file: 'src/core/kernel/owed.ts',
    replace: [
      "if (owed?.end !== undefined && !owed.back) rows.dropRecord('owed', key);",
      'if (owed?.back) continue;',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'who has what is owed to is not woken',
    file: 'src/core/kernel/owed.ts',
    replace: ['owed !== before && owed?.some', 'owed === before && owed?.some'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a plain end forgets that it is owed',
    file: 'src/core/kernel/settle.ts',
    replace: ['  if (lease.owes !== undefined) return false;\n', ''],
    caughtBy: ['conformance'],
  },
];
