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
];
