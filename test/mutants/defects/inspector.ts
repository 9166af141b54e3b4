import type { Defect } from '../defect.ts';

const caughtBy: Defect['caughtBy'] = ['test/unit/inspector.test.ts'];

export const inspectorDefects: readonly Defect[] = [
  {
    name: 'the inspector takes a payload for HTML',
    file: 'src/inspector/views/job-view.ts',
    replace: ['aria-labelledby="payload">$', 'aria-labelledby="payload" .innerHTML=$'],
    caughtBy,
  },
  {
    name: 'the inspector reads on when it is removed',
    file: 'src/inspector/holdfast-inspector.ts',
    replace: ['super.disconnectedCallback();\n    this.#model?.stop();', 'super.disconnectedCallback();'],
    caughtBy,
  },
  {
    name: 'the inspector takes the workers of other pages for its own',
    file: 'src/inspector/views/overview.ts',
    replace: ['workersHere.includes(workerId)', 'workersHere.length > 0'],
    caughtBy,
  },
  {
    name: 'the inspector shows one tick of a cron schedule',
    file: 'src/inspector/views/schedule-list.ts',
    replace: ['one.nextTicks ??', 'undefined ??'],
    caughtBy,
  },
  {
    name: 'the inspector edits a payload that was redacted',
    file: 'src/inspector/views/dialogs.ts',
    replace: ['!job.isRedacted && isJson(job.payload)', 'isJson(job.payload ?? null)'],
    caughtBy,
  },
  {
    name: 'the inspector offers what the host does not serve',
    file: 'src/inspector/actions.ts',
    replace: ['every((name) => served.includes(name))', 'every((name) => name !== served[-1])'],
    caughtBy,
  },
  {
    name: 'an admin front does what it did not log',
    file: 'src/edge/admin-front.ts',
    replace: ['await onAction(', 'void onAction('],
    caughtBy: ['test/unit/admin-front.test.ts'],
  },
];
