import type { Defect } from '../defect.ts';

/** Of pages with fewer features beside pages with more. */
export const interoperationDefects: readonly Defect[] = [
  {
    name: 'what a page lacks never hears of an end',
    file: 'src/core/kernel/owed.ts',
    replace: ['if (!names.has(name)) yield* owe(rows', 'if (names.has(name)) yield* owe(rows'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a lease forgets what its job owes',
    file: 'src/core/kernel/new-lease.ts',
    replace: ['held.owes = row.owes;', 'held.owes = [];'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'what is owed is heard by whoever comes first',
    file: 'src/core/kernel/owed.ts',
    replace: ['if (feature.name === name) yield* feature.leaves(', 'yield* feature.leaves('],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is owed of a job is heard after its next end',
    file: 'src/core/kernel/owed.ts',
    replace: [
      'yield* workOff(rows, control, feature.name, owedKey(feature.name, job));\n    yield* feature.leaves(',
      'yield* feature.leaves(',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'one that died and lives again is heard to have died only',
    file: 'src/core/kernel/owed.ts',
    replace: [
      "if (owed?.end !== undefined && !owed.back) rows.dropRecord('owed', key);",
      'if (owed?.back) continue;',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'who has what is owed to is not woken',
    file: 'src/core/kernel/owed.ts',
    replace: ['owed !== before && owed?.some', 'owed === before && owed?.some'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a plain end forgets that it is owed',
    file: 'src/core/kernel/settle.ts',
    replace: ['lease.lane === undefined && lease.owes === undefined', 'lease.lane === undefined'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'what a job needs is no part of its key',
    file: 'src/core/kernel/order.ts',
    replace: ['target), needs);', 'target), undefined);'],
    caughtBy: ['simulator', 'test/unit/order.test.ts'],
  },
  {
    name: 'what needs a feature shares the stream of what does not',
    file: 'src/core/kernel/control.ts',
    replace: ['isSameNeeds(stream.needs, needs)', 'isSameNeeds(needs, needs)'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'what needs a feature is claimed by a page that lacks it',
    file: 'src/core/kernel/claim.ts',
    replace: [
      'if (!isAsked || lacks(rows, stream, request.uses)) return false;',
      'if (!isAsked) return false;',
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'one of the features that a job needs is enough',
    file: 'src/core/kernel/needs.ts',
    replace: [
      'return needs.some((name) => !names.has(name) ||',
      'return needs.every((name) => !names.has(name) ||',
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a worker elsewhere is given what needs a feature of its host alone',
    file: 'src/core/kernel/needs.ts',
    replace: ['uses?.includes(name) === false', 'uses?.includes(name) === undefined'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a host takes what a worker does not say as if it used all that the host does',
    file: 'src/core/remote/lease-check.ts',
    replace: [
      "uses: listOf(checkText)('uses', asked.uses ?? [])",
      "...optional(asked, 'uses', listOf(checkText))",
    ],
    caughtBy: ['test/unit/remote.test.ts'],
  },
  {
    name: 'a lease of what needs a feature wakes a page that lacks it',
    file: 'src/core/kernel/claim.ts',
    replace: ['if (concerns(rows, lease)) first', 'first'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an alarm comes for what nobody here may run',
    file: 'src/core/kernel/wake.ts',
    replace: ['if (isOthers(stream) ||', 'if ('],
    caughtBy: ['test/unit/fewer-features.test.ts'],
  },
  {
    name: 'a newcomer takes the place of what it may not run',
    file: 'src/core/kernel/keyed.ts',
    replace: ['  if (lacks(rows, held.row)) return follow();\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a lease forgets what its job needs',
    file: 'src/core/kernel/new-lease.ts',
    replace: ['held.needs = row.needs;', 'delete held.needs;'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a damaged row owes its end to nobody',
    file: 'src/core/kernel/owed.ts',
    replace: ['job.damage === undefined ? job.owes : control.owing', 'job.owes'],
    caughtBy: ['test/unit/fewer-features.test.ts'],
  },
  {
    name: 'a name is not left alone that others have marked',
    file: 'src/core/kernel/claim.ts',
    replace: ['return until <= now;', 'return true;'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'who has a feature is believed to have each of its limits',
    file: 'src/core/kernel/name-marks.ts',
    replace: [
      'stands(control, until, now) && !own.has(mark)',
      'stands(control, until, now) && own.size === 0',
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a name is free for whoever wakes first',
    file: 'src/core/kernel/name-marks.ts',
    replace: ['isBelieved(until, now) : sureAt(control, until) > now', 'isBelieved(until, now) : false'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a page without a limit does not wake when the name is free again',
    file: 'src/core/kernel/claim.ts',
    replace: ['Math.min(expiryAt, claiming.foreignUntil);', 'expiryAt;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a mark of a name lasts longer when the clock is set back',
    file: 'src/core/kernel/worked.ts',
    replace: ["['worked', 'marks'] as const", "['worked'] as const"],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job that needs a feature does not say so',
    file: 'src/core/kernel/explain.ts',
    replace: ['    ...missingFeatures(rows, control, row, now),\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job that a feature keeps parked does not say so where that is not',
    file: 'src/core/kernel/explain.ts',
    replace: ['!hooksOf(rows).names.has(parkedBy))', 'hooksOf(rows).names.has(parkedBy))'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a feature that is abandoned is needed still',
    file: 'src/core/kernel/abandon.ts',
    replace: [
      'if (others(needs).length > 0) row.needs = others(needs);',
      'if (needs !== undefined) row.needs = needs;',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a feature that is abandoned leaves its dead letters in need of it',
    file: 'src/core/kernel/abandon.ts',
    replace: ["nextOf(page, 'parked', keyOf, 'dead ')", "nextOf(page, 'parked', keyOf, 'dead \\uffff')"],
    caughtBy: ['conformance'],
  },
  {
    name: 'what runs when a feature is abandoned owes it its end',
    file: 'src/core/kernel/owed.ts',
    replace: ['of stillOwed(rows, control, owes))\n    if (!names', 'of owes)\n    if (!names'],
    caughtBy: ['conformance'],
  },
  {
    name: 'records of a feature stay that is abandoned',
    file: 'src/core/kernel/abandon.ts',
    replace: ['        rows.dropRecord(kind as FeatureKind, key);\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'jobs keep what an abandoned feature alone reads',
    file: 'src/core/kernel/abandon.ts',
    replace: ['  for (const field of job) delete row[field as keyof JobRow];\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'jobs keep what an abandoned feature attached to them',
    file: 'src/core/kernel/abandon.ts',
    replace: [
      'if (Object.keys(values).length > 0) row.attached = values;',
      'if (given.attached !== undefined) row.attached = given.attached;',
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'the queue’s row keeps the notes of a feature that is abandoned',
    file: 'src/core/kernel/abandon.ts',
    replace: ['    for (const field of left.control ?? []) delete control[field as keyof Control];\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job waits for its turn in a line that is gone',
    file: 'src/core/kernel/abandon.ts',
    replace: ['isPutOff(row) && !isPutOff(next) ?', 'isPutOff(next) ?'],
    caughtBy: ['conformance'],
  },
  {
    name: 'completed jobs stay by the rule of an abandoned feature',
    file: 'src/core/kernel/abandon.ts',
    replace: ["left.keeps && 'completed '", 'undefined'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'the last job of a batch is lost when flows are abandoned',
    file: 'src/core/kernel/abandon.ts',
    replace: ['if (job !== undefined) brought.push(job);', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'keys that are held for a time outlast their feature',
    file: 'src/core/operations/left-behind.ts',
    replace: ["kept('keys', 'key',", "kept('keys', '',"],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'schedules outlast their feature',
    file: 'src/core/operations/left-behind.ts',
    replace: ["kept('schedules', 'schedule',", "kept('schedules', '',"],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'edges of flows outlast their feature',
    file: 'src/core/operations/left-behind.ts',
    replace: ['batch dependent ended', 'batch ended'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'who waited for others is not forgotten where a page without flows removes it',
    file: 'src/core/kernel/owed.ts',
    replace: ['if (gone) for (const', 'if (gone && end) for (const'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a schedule that is put again as it was owes nobody whom it owed before an abandon',
    file: 'src/core/features/schedules/stored-schedules.ts',
    replace: ['    changed ||= control.owing !== known;\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a result that is owed to a host is gone for callers elsewhere',
    file: 'src/core/features/results/result.ts',
    replace: [
      'if (job !== undefined) return job;',
      'if (job !== undefined || context.line.far !== undefined) return job;',
    ],
    caughtBy: ['test/unit/remote.test.ts'],
  },
  {
    name: 'a limit of a name is broken by pages without it',
    file: 'src/core/features/limits/limits.ts',
    replace: [
      "maxActive === undefined ? marked : ['', ...marked]",
      "maxActive === undefined ? [] : ['', ...marked]",
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a limit of the whole queue is broken by pages without it',
    file: 'src/core/features/limits/limits.ts',
    replace: ["maxActive === undefined ? marked : ['', ...marked]", 'marked'],
    caughtBy: ['simulator', 'conformance'],
  },
];
