import type { Defect } from '../defect.ts';

/** Mistakes that show only where the store itself is treated badly. */
export const faultDefects: readonly Defect[] = [
  {
    name: 'nobody is told that the store stands still',
    file: 'src/core/queue/context.ts',
    replace: [
      "notice.kind === 'blocked') emitter",
      "notice.kind === 'blocked' && notice.waitedMs < 0) emitter",
    ],
    caughtBy: ['simulator', 'test/unit/blocked.test.ts'],
  },
  {
    name: 'who hears that its data is lost is not told what it held',
    file: 'src/core/queue/context.ts',
    replace: [
      "emit('store:lost', { queue, jobs,",
      "emit('store:lost', { queue, jobs: jobs.slice(jobs.length),",
    ],
    caughtBy: ['simulator', 'test/unit/lost.test.ts'],
  },
  {
    name: 'a job that cannot be read is claimed all the same',
    file: 'src/core/kernel/claim.ts',
    replace: [
      '    claiming.unreadable.push(unreadable(row, thrown, claiming.now));\n    return;\n',
      '    payload = thrown;\n',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'who cannot be read is dead and nobody is told',
    file: 'src/core/work/report.ts',
    replace: [
      'for (const job of buried) reportBuried',
      'for (const job of buried.slice(buried.length)) reportBuried',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'what a consumer elsewhere says of its server is not heard',
    file: 'src/core/remote/lease-check.ts',
    replace: [
      "...optional(settled, 'met', checkMet),",
      "...(checkMet === undefined ? optional(settled, 'met', checkMet) : {}),",
    ],
    caughtBy: ['test/workerd/client-steering.test.ts'],
  },
  {
    name: 'an attempt that reached nobody counts',
    file: 'src/core/kernel/outage.ts',
    replace: ["if (how.kind === 'answered' && evidence) return", "if (how.kind !== 'through') return"],
    caughtBy: ['model', 'conformance'],
  },
];
