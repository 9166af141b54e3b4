import type { Defect } from '../defect.ts';

const file = 'src/core/logic/control.ts';

export const clockDefects: readonly Defect[] = [
  {
    name: 'leases do not start anew when the clock is set back',
    file,
    replace: ['lease.until = now + lease.leaseMs;', 'lease.until += 0;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'timed jobs stay in the future when the clock is set back',
    file,
    replace: ['    if (stream.timed) yield* pullForward', '    if (stream.waiting < 0) yield* pullForward'],
    caughtBy: ['conformance'],
  },
  {
    name: 'parked jobs stay in the future when the clock is set back',
    file,
    replace: ['  yield* pullParked(rows, { from: now, through: last });\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'holds stay in the future when the clock is set back',
    file,
    replace: ['  pullHolds(control, { from: now, through: last });\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'jobs that are still to come are pulled forward with the others',
    file,
    replace: [
      'rows.scan(cursor, span.through, CLOCK_CHUNK)',
      'rows.scan(cursor, Number.MAX_SAFE_INTEGER, CLOCK_CHUNK)',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'low water does not sink below what comes back',
    file,
    replace: ['  if (!before(stream.low, row)) stream.low = justBefore(row);\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'what leaves a stream is still counted there',
    file,
    replace: ['  stream.waiting -= 1;\n', ''],
    caughtBy: ['simulator'],
  },
];
