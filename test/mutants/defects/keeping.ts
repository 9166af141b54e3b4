import type { Defect } from '../defect.ts';

const file = 'src/core/features/results/retention.ts';

export const keepingDefects: readonly Defect[] = [
  {
    name: 'a remembered id is forgotten at once',
    file: 'src/core/kernel/retention.ts',
    replace: ['if (forgottenAt(final) > now) return;', 'if (forgottenAt(final) < 0) return;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'too many are forgotten, whatever is remembered',
    file,
    replace: ['if (rememberedUntil(final) > now) continue;', ''],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'results are dropped',
    file,
    replace: [': { ...kept, job, result };', ': { ...kept, job };'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a completed job keeps its checkpoint',
    file: 'src/core/kernel/retention.ts',
    replace: ['{ ...detached(row), payload', '{ ...row, payload'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'one dead job too many is pruned',
    file,
    replace: [
      'const excess = control.dead - halting - count;',
      'const excess = control.dead - halting - count + 1;',
    ],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'the checkpoint of an attempt goes with it',
    file: 'src/core/kernel/settle.ts',
    replace: ['if (row === undefined || attached === undefined) return row;', 'return row;'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'an edited job keeps the checkpoint of another payload',
    file: 'src/core/kernel/steer.ts',
    replace: ['{ ...detached(found.row.job), ...edited }', '{ ...found.row.job, ...edited }'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a checkpoint is stored under any fence',
    file: 'src/core/kernel/leases.ts',
    replace: [
      "attached[i] !== undefined && answers[i] !== 'stale'",
      'attached[i] !== undefined && held.has(id)',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'nobody owes the result of a job that a page without results completes',
    file: 'src/core/kernel/owed.ts',
    replace: ['if (feature.owes(spec)) names', 'if (!feature.owes(spec)) names'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a late result takes the id of another job',
    file: 'src/core/features/results/late-result.ts',
    replace: ["(found.at !== 'finals' || found.row.job.seq > row.seq)", "found.at === 'parked'"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a late result is kept longer than its job says',
    file: 'src/core/features/results/late-result.ts',
    replace: [' || forgottenAt(kept) <= sureNow(control, control.lastNow)', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that has left a checkpoint is run by pages that do not know it',
    file: 'src/core/kernel/attached.ts',
    replace: ['union(row.needs, Object.keys(attached))', 'union(row.needs, [])'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a lease does not follow its job to where that lies with a checkpoint',
    file: 'src/core/kernel/attached.ts',
    replace: ['  lease.needs = needs;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job with another payload needs the feature of a checkpoint that it has no more',
    file: 'src/core/kernel/attached.ts',
    replace: ['!Object.hasOwn(attached, name)', 'Object.hasOwn(attached, name)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a checkpoint is lost with the worker that crashes',
    file: 'src/core/kernel/leases.ts',
    replace: ['{ ...row, crashes, errors:', '{ ...row, attached: undefined, crashes, errors:'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a result is kept only as long as its id',
    file,
    replace: ['Math.max(keepResultMs, job.dedupeMs ?? 0)', 'job.dedupeMs ?? 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that is kept goes with its id',
    file: 'src/core/kernel/order.ts',
    replace: ['row.finishedAt + (row.job.keptMs ?? 0)', 'row.finishedAt'],
    caughtBy: ['conformance'],
  },
];
