import type { Defect } from '../defect.ts';

export const oneJobDefects: readonly Defect[] = [
  {
    name: 'a job that is parked grows old',
    file: 'src/core/kernel/lane.ts',
    replace: ['rows.park(ageless(row));', 'rows.park(row);'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that waited its turn never grows old',
    file: 'src/core/kernel/lane.ts',
    replace: ['placeFree(rows, control, aging({', 'placeFree(rows, control, ageless({'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a redrive overwrites a newer edit',
    file: 'src/core/kernel/buried-keys.ts',
    replace: ['known.newest >= job.seq ? known.by', 'known.newest < 0 ? known.by'],
    caughtBy: ['conformance'],
  },
  {
    name: 'who follows a running job is no newer one when that dies',
    file: 'src/core/kernel/buried-keys.ts',
    replace: ['if (seq > newest) [by, newest]', 'if (seq < 0) [by, newest]'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a redriven step runs before what it waits for',
    file: 'src/core/features/flows/revivals.ts',
    replace: ['return waitingFor(row, left);', 'return waitingFor(row, left.slice(99));'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a redriven step waits for one that is dead',
    file: 'src/core/features/flows/revivals.ts',
    replace: [
      "} else if (!alone && job.onDependencyDeath !== 'run') return undefined;",
      '} else left.push(id);',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'those that died of a job stay dead when it is redriven',
    file: 'src/core/features/flows/revivals.ts',
    replace: ['  if (job.awaited) yield* tellRevival(rows, control, job);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a redriven step waits for whoever has the id of what it waited for',
    file: 'src/core/features/flows/revivals.ts',
    replace: [
      'const there = found !== undefined && isSame(found, seq) ?',
      'const there = found !== undefined ?',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a death is told although the job lives again',
    file: 'src/core/features/flows/revivals.ts',
    replace: ['    if (ended.value.of === seq) rows.dropRecord(ENDED, ended.key);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'who is cancelled with what it waited for is told nowhere',
    file: 'src/core/features/flows/go-on.ts',
    replace: ['    fallen.cancelled.push(row.id);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch does not count the job that takes its payload',
    file: 'src/core/features/flows/flows.ts',
    replace: ['else row.batch = newcomer.batch;', 'else row.batch ??= newcomer.batch;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch waits for a payload that another took the place of',
    file: 'src/core/features/flows/batch-moves.ts',
    replace: ['of(batchBefore).replaced += 1', 'of(batchBefore).replaced += 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a batch brings its last job though one of it lives again',
    file: 'src/core/features/flows/batches.ts',
    replace: [' || !isOver(batch.counts)) return undefined;', ') return undefined;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that is restarted keeps its failures',
    file: 'src/core/kernel/keyed.ts',
    replace: [
      '(restarts && isAnew(rows, field))',
      "(restarts && field !== 'failures' && isAnew(rows, field))",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that is restarted keeps its priority',
    file: 'src/core/kernel/keyed.ts',
    replace: ['(restarts && isAnew(rows, field))', "(restarts && field !== 'rank' && isAnew(rows, field))"],
    caughtBy: ['conformance'],
  },
  {
    name: 'nobody is told that a replaced job keeps its time',
    file: 'src/core/kernel/keyed.ts',
    replace: ["kept.push('runAt')", 'kept.length = 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an id is forgotten whose call was answered with another job',
    file: 'src/core/kernel/enqueue.ts',
    replace: ['if (spec.known && planned.id !== spec.id) planned.own = spec;', ''],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a remembered id ends with its job',
    file: 'src/core/kernel/id-memory.ts',
    replace: ['    lease.remembered = true;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a remembered id means whoever has the id of its job',
    file: 'src/core/kernel/id-memory.ts',
    replace: ['found !== undefined && rowOf(found).seq === seq', 'found !== undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a pruned dead job frees its id',
    file: 'src/core/features/results/retention.ts',
    replace: ['    rememberDead(rows, control, final, now);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'remembered ids are never swept',
    file: 'src/core/kernel/id-memory.ts',
    replace: ["    else rows.dropRecord('id', key);", ''],
    caughtBy: ['conformance'],
  },
];
