import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/claim.ts';

export const claimDefects: readonly Defect[] = [
  {
    name: 'a claim takes payloads without end',
    file,
    replace: ['bytes < MAX_CLAIM_BYTES', 'bytes >= 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the slots of a name are not used up',
    file,
    replace: [
      'claiming.slots.set(row.name, slotsOf(claiming, cursor) - 1);',
      'claiming.slots.set(row.name, slotsOf(claiming, cursor));',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'one more is claimed than was asked for',
    file,
    replace: ['? limit - jobs.length', '? limit + 1 - jobs.length'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a payload that is too new is claimed',
    file,
    replace: ['asked.slots > 0 && version <= asked.version', 'asked.slots > 0 && version > 0'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a hold is ignored',
    file,
    replace: ['const open = cursors.filter(isOpen);', 'const open = [...cursors];'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a hold ends with the next claim',
    file,
    replace: ['if (until <= now) delete control.holds[key]', 'if (until > 0) delete control.holds[key]'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a pause is ignored',
    file: 'src/core/kernel/pause.ts',
    replace: ['return paused ||', 'return'],
    caughtBy: ['simulator'],
  },
  {
    name: 'the lowest priority goes first',
    file: 'src/core/kernel/cursor.ts',
    replace: ['.sort(([a], [b]) => a - b)', '.sort(([a], [b]) => b - a)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'what came last goes first',
    file: 'src/core/kernel/order.ts',
    replace: ['a.due === b.due && a.seq < b.seq', 'a.due === b.due && a.seq > b.seq'],
    caughtBy: ['simulator'],
  },
  {
    name: 'between a delayed head and another the one that has waited less goes first',
    file: 'src/core/kernel/order.ts',
    replace: ['return since < other ||', 'return since > other ||'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a suspect is claimed by a worker that runs others',
    file,
    replace: ['if (!claiming.request.idle || claiming.jobs.length > 0) return;', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'others are claimed together with a suspect',
    file,
    replace: [
      'claiming.stopped = true;',
      'claiming.stopped = !claiming.request.idle || claiming.jobs.length > 0;',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the fence does not grow',
    file: 'src/core/kernel/new-lease.ts',
    replace: ['  control.fence += 1;\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a delayed job is claimed a minute early',
    file,
    replace: ['rows.scan(cursor.stream, now, wanted)', 'rows.scan(cursor.stream, now + 60_000, wanted)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a claimed job still counts as pending',
    file: 'src/core/kernel/new-lease.ts',
    replace: ['  control.pending -= 1;\n  control.active += 1;\n', '  control.active += 1;\n'],
    caughtBy: ['simulator'],
  },
  {
    name: 'low water rises above what nobody has claimed',
    file,
    replace: [
      'cursor.stream.low = { due: row.due, seq: row.seq };',
      'cursor.stream.low = { due: row.due, seq: row.seq + 1 };',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'nobody is told when a delayed job is due',
    file,
    replace: [
      'yield* reads(rows, stream, claiming.claimed, now)',
      'stream.timed ? Number.POSITIVE_INFINITY : now',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'nobody is told when a lease ends',
    file,
    replace: ['first = Math.min(first, lease.until);', 'first = Math.min(first, lease.until + 3_600_000);'],
    caughtBy: ['conformance'],
  },
];
