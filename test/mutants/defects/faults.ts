import type { Defect } from '../defect.ts';

/** Mistakes that show only where the store itself is treated badly. */
export const faultDefects: readonly Defect[] = [
  {
    name: 'nobody is told that the store stands still',
    file: 'src/core/runtime/notices.ts',
    replace: [
      "notice.kind === 'blocked') emitter",
      "notice.kind === 'blocked' && notice.waitedMs < 0) emitter",
    ],
    caughtBy: ['simulator', 'test/unit/blocked.test.ts'],
  },
  {
    name: 'who hears that its data is lost is not told what it held',
    file: 'src/core/runtime/notices.ts',
    replace: [
      "emit('store:lost', { queue, jobs,",
      "emit('store:lost', { queue, jobs: jobs.slice(jobs.length),",
    ],
    caughtBy: ['simulator', 'test/unit/lost.test.ts'],
  },
];
