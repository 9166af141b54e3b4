import type { Defect } from '../defect.ts';

export const ageDefects: readonly Defect[] = [
  {
    name: 'a job that is too old waits for who claims it',
    file: 'src/core/kernel/overdue.ts',
    replace: ['control.expiryAt > sure) return undefined;', 'control.expiryAt > 0) return undefined;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a running job dies of its age',
    file: 'src/core/kernel/overdue.ts',
    replace: ['claimed.has(id) || !isExpired', '!isExpired'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a redriven job is too old at once',
    file: 'src/core/kernel/expiry.ts',
    replace: ['{ expiresAt: now + maxAgeMs }', '{}'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that comes back is watched no more',
    file: 'src/core/kernel/lease-ends.ts',
    replace: [
      '  watchAge(rows, control, row);\n  moveClaimable(rows, control, row, waiting',
      '  moveClaimable(rows, control, row, waiting',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a purge forgets the parked',
    file: 'src/core/kernel/purge.ts',
    replace: ['    rows.unpark(row);\n', ''],
    caughtBy: ['conformance'],
  },
];
