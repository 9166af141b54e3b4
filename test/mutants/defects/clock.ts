import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/control.ts';
const clock = 'src/core/kernel/clock.ts';

export const clockDefects: readonly Defect[] = [
  {
    name: 'leases do not start anew when the clock is set back',
    file: clock,
    replace: ['lease.until = now + lease.leaseMs;', 'lease.until += 0;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'holds stay in the future when the clock is set back',
    file: clock,
    replace: ['  followHolds(control, now, through, correction);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'what an earlier wrong clock told is taken for right when it goes back behind that',
    file: 'src/core/kernel/jump.ts',
    replace: ['    before(0, from),\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'what the first of two wrong clocks told is taken for right',
    file: 'src/core/kernel/jump.ts',
    replace: ['    ...(again === undefined ? [] : [before(again.at, again.last)]),\n', ''],
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
