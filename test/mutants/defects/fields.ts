import type { Defect } from '../defect.ts';

const EVERY = 'test/unit/every-option.test.ts';

/** Mistakes in what carries a field from one hand to the next. */
export const fieldDefects: readonly Defect[] = [
  {
    name: 'an option is checked, and left out of the spec',
    file: 'src/core/queue/enqueue-options.ts',
    replace: ["if (option !== 'dependsOn')", "if (option !== 'dependsOn' && option !== 'keepResultMs')"],
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
    file: 'src/core/queue/enqueue-options.ts',
    replace: ['  return copied;\n', '  delete copied.target;\n  return copied;\n'],
    caughtBy: [EVERY],
  },
  {
    name: 'an option is not taken along by an export',
    file: 'src/core/operations/estate.ts',
    replace: ['!(option in NOT_TAKEN)', "!(option in NOT_TAKEN || option === 'onDependencyDeath')"],
    caughtBy: [EVERY],
  },
  {
    name: 'a parked job is exported without its age',
    file: 'src/core/operations/estate.ts',
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
      '!(field in row || field in SPENT)',
      "!(field in row || field in SPENT || field === 'timeoutMs')",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a newcomer’s option is neither taken nor told',
    file: 'src/core/kernel/keyed.ts',
    replace: ['field in NEWCOMERS ||', "(field !== 'keepResultMs' && field in NEWCOMERS) ||"],
    caughtBy: ['conformance'],
  },
];
