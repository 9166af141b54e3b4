import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/leases.ts';

export const leaseDefects: readonly Defect[] = [
  {
    name: 'a lease is extended under any fence',
    file,
    replace: ['if (lease === undefined || lease.fence !== fence)', 'if (lease === undefined)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an extended lease is not longer',
    file,
    replace: ['      lease.until = now + request.leaseMs;\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a lease is reclaimed a second before its end',
    file,
    replace: ['ALIVE_GRACE_MS : 0) <= now', 'ALIVE_GRACE_MS : 0) <= now + 1_000'],
    caughtBy: ['simulator'],
  },
  {
    name: 'leases of owners that are gone are not reclaimed before their end',
    file,
    replace: ['  if (request.goneWorkers?.includes(workerId)) return true;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a crash counts as a failure',
    file,
    replace: ['{ ...row, crashes, errors:', '{ ...row, crashes, failures: row.failures + 1, errors:'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a job dies one crash too late',
    file,
    replace: ['if (crashes >= (row.maxCrashes', 'if (crashes > (row.maxCrashes'],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'a crashed job does not wait',
    file,
    replace: ['now + crashDelay(crashes)', 'now'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a cancelled job comes back when its owner is gone',
    file,
    replace: ['row === undefined || lease.cancelRequested) {', 'row === undefined) {'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a reclaimed job is still counted as active',
    file,
    replace: ['  control.active -= 1;\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a cancel of a running job is forgotten',
    file: 'src/core/kernel/steer.ts',
    replace: ["  lease[waits ? 'cleared' : 'cancelRequested'] = true;\n", ''],
    caughtBy: ['simulator', 'conformance'],
  },
];
