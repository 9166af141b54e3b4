import type { Defect } from '../defect.ts';

const file = 'src/core/logic/enqueue.ts';

export const enqueueDefects: readonly Defect[] = [
  {
    name: 'an id that comes twice in one call is stored twice',
    file,
    replace: ['  if (ids.has(spec.id)) return duplicate;\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a key that comes twice in one call is stored twice',
    file,
    replace: ['if (earlier?.row !== undefined) return', 'if (earlier?.row === row) return'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an id that was accepted before is accepted again',
    file,
    replace: ['spec.known ? yield* read(rows.find(spec.id)) : undefined', 'undefined as Found | undefined'],
    caughtBy: ['simulator'],
  },
  {
    name: 'headers are not stored',
    file,
    replace: ['  if (headers !== undefined) row.headers = { ...headers };\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job that is replaced keeps its headers and tags',
    file,
    replace: ['    headers: _h,\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'the payload that replaces another is not taken',
    file,
    replace: ['{ ...rest, version, size, payload };', '{ ...rest, version, size };'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a duplicate that should keep replaces',
    file,
    replace: ["if (keeps(spec)) return { id: held.row.id, status: 'duplicate' };", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'the follow-up of a running job is not stored',
    file,
    replace: ['row: followUp(row, held.row) }', '}'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a running job is replaced instead of followed',
    file,
    replace: ['if (claimedIds(yield* read(rows.claims())).has(held.row.id))', 'if (held.row === row)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'an enqueued job is not counted',
    file,
    replace: ['    control.pending += 1;\n', ''],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'two jobs get one seq',
    file,
    replace: ['    seq += 1;\n', '    seq += spec.priority === 0 ? 1 : 0;\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a full queue accepts more',
    file,
    replace: ['    checkLimits(control, limits, batch.plans);\n', ''],
    caughtBy: ['conformance'],
  },
];
