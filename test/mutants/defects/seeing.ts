import type { Defect } from '../defect.ts';

export const seeingDefects: readonly Defect[] = [
  {
    name: 'a paused name is claimed',
    file: 'src/core/kernel/claim.ts',
    replace: ['if (isPaused(control, name)) return false;', 'if (control.paused) return false;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'resuming a name resumes the queue',
    file: 'src/core/kernel/pause.ts',
    replace: [
      '  else setNamePaused(control, name, paused);',
      '  else {\n    control.paused = paused;\n    setNamePaused(control, name, paused);\n  }',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the log loses its last transitions instead of its first',
    file: 'src/core/kernel/log.ts',
    replace: ['<= control.logged - size + 1)', '>= control.logged - size + 1)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the age of the next job is that of a claimed one',
    file: 'src/core/kernel/stats.ts',
    replace: ['{ ...stream }, claimed, now', '{ ...stream }, new Set(), now'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that is not due is explained by nothing',
    file: 'src/core/kernel/explain.ts',
    replace: ['if (row.due > now && row.spared', 'if (row.due < 0 && row.spared'],
    caughtBy: ['conformance'],
  },
];
