import type { Defect } from '../defect.ts';

const EVERY = 'test/unit/every-option.test.ts';

/** Mistakes in what carries a field from one hand to the next. */
export const fieldDefects: readonly Defect[] = [
  {
    name: 'an option is checked, and left out of the spec',
    file: 'src/core/queue/to-spec.ts',
    replace: [
      '  for (const option in given)\n    (spec as',
      "  for (const option in given)\n    if (option !== 'maxAgeMs') (spec as",
    ],
    caughtBy: [EVERY],
  },
  {
    name: 'an option does not come over RPC',
    file: 'src/core/queue/sent-spec.ts',
    replace: ['  return spec;\n', "  return 'rateKey' in spec ? { ...spec, rateKey: '' } : spec;\n"],
    caughtBy: [EVERY],
  },
  {
    name: 'a middleware gets no copy of an option',
    file: 'src/core/queue/option-table.ts',
    replace: ['    return copied;\n', '    delete copied.target;\n    return copied;\n'],
    caughtBy: [EVERY],
  },
  {
    name: 'an option is not taken along by an export',
    file: 'src/core/operations/export-jobs.ts',
    replace: ['!(option in NOT_TAKEN)', "!(option in NOT_TAKEN || option === 'onDependencyDeath')"],
    caughtBy: [EVERY],
  },
  {
    name: 'a parked job is exported without its age',
    file: 'src/core/operations/export-jobs.ts',
    replace: ['expiresAt === undefined ? maxAgeMs :', 'expiresAt === undefined ? undefined :'],
    caughtBy: ['test/unit/owners.test.ts'],
  },
  {
    name: 'reading does not show an option',
    file: 'src/core/kernel/view.ts',
    replace: [
      '!(field in job || field in INTERNAL)',
      "!(field in job || field in INTERNAL || field === 'rateKey')",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a row is made without an option',
    file: 'src/core/kernel/new-row.ts',
    replace: [
      '!(DONE.has(field) || field in row)',
      "!(DONE.has(field) || field in row || field === 'timeoutMs')",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a newcomer’s option is neither taken nor told',
    file: 'src/core/kernel/keyed.ts',
    replace: ['field in NEWCOMERS ||', "(field !== 'maxAgeMs' && field in NEWCOMERS) ||"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a field of newer pages is dropped by whoever takes the place of its job',
    file: 'src/core/kernel/keyed.ts',
    replace: ['(field) => !isNew(field)', '(field) => !isNew(field) && field in newcomer'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a field of newer pages is dropped when a schedule is put again',
    file: 'src/core/features/schedules/stored-schedules.ts',
    replace: ['    ...kept,\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a field of newer pages is dropped by the death of another job of its key',
    file: 'src/core/kernel/buried-keys.ts',
    replace: ['{ ...known, dead: (known', '{ dead: (known'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a field of newer pages is dropped by a rate that puts off a job',
    file: 'src/core/features/limits/rate-line.ts',
    replace: ['{ ...kept, last: earliest }', '{ paidAt, last: earliest }'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a field of newer pages is dropped where a key is held longer',
    file: 'src/core/features/keys/held-keys.ts',
    replace: ['{ ...own, id, until: last', '{ id, until: last'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a field of newer pages is dropped by a retry',
    file: 'src/core/kernel/settle.ts',
    replace: [
      '  ...afterCounted(row),\n',
      "  ...afterCounted(row),\n  ...('x' in row && { x: undefined }),\n",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the end of a job is written without what newer pages say of it, in IndexedDB',
    file: 'src/stores/indexeddb/codec.ts',
    replace: [
      '= { ...end, id: join(queue, job.id) };',
      '= { state: end.state, finishedAt: end.finishedAt, id: join(queue, job.id), ...(end.result && { result: end.result }) };',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the end of a job is written without what newer pages say of it, in SQLite',
    file: 'src/stores/durable-object/row-text.ts',
    replace: [
      'const text: FinalText = { ...end, job: textOf(job) };',
      'const { state, finishedAt, result } = end;\n  const known = { state, finishedAt, ...(result && { result }) };\n  const text: FinalText = { ...known, job: textOf(job) };',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the row of a queue is written without what newer code put beside the claims',
    file: 'src/stores/durable-object/durable-object-rows.ts',
    replace: ['    ...stored,\n    control: checkControl', '    control: checkControl'],
    caughtBy: ['test/workerd/job-rows.test.ts'],
  },
];
