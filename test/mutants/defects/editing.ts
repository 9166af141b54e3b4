import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/edit.ts';

export const editingDefects: readonly Defect[] = [
  {
    name: 'a job is edited while it runs',
    file,
    replace: ["else if (claimed.has(id)) answers.push('running');", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'an edited payload is not counted',
    file,
    replace: ['  control.bytes += next.size - row.size;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'an edited payload keeps the checkpoint of the old one',
    file,
    replace: ['{ ...detached(row), ...edited }', '{ ...row, ...edited }'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a delay that an edit gave is an instant that somebody named',
    file,
    replace: ['if (at > now && runAt !== undefined)', 'if (at > now)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an edited job is too old for its new time',
    file,
    replace: ['  if (row.expiresAt !== undefined) startAge(next, now);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'an edited job that waits in a lane runs beside its head',
    file,
    replace: ['    rows.park(next);\n    return;\n', '    rows.unpark(row);\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a page edits what it may not run',
    file,
    replace: ["else if (lacks(rows, found.row)) answers.push('needs-feature');", ''],
    caughtBy: ['conformance'],
  },
];
