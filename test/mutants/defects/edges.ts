import type { Defect } from '../defect.ts';

/** Mistakes at the edge of a queue: what its clients are told, and what its schedules say. */
export const edgeDefects: readonly Defect[] = [
  {
    name: 'a client of another number of shards is believed, whatever it knows',
    file: 'src/edge/layout.ts',
    replace: ['kept !== undefined && !former.includes(kept)', 'kept !== undefined && former.includes(0)'],
    caughtBy: ['test/workerd/shard-numbers.test.ts'],
  },
  {
    name: 'an object that was never called takes any number of shards',
    file: 'src/edge/layout.ts',
    replace: ["if (place === 'shard' || (place", "if ((place === 'shard' && kept !== undefined) || (place"],
    caughtBy: ['test/workerd/shard-numbers.test.ts'],
  },
  {
    name: 'the other objects are not told of a new number of shards',
    file: 'src/edge/sharded-line.ts',
    replace: [
      '    if (!(await this.ask(home, LAYOUT, {}))) return;\n',
      '    await this.ask(home, LAYOUT, {});\n    if (home !== undefined) return;\n',
    ],
    caughtBy: ['test/workerd/shard-numbers.test.ts'],
  },
  {
    name: 'an alarm has the patience of a page with handlers that are deaf',
    file: 'src/edge/durable-object-queue.ts',
    replace: ['const OVERLAP_AFTER_MS = 600_000;', 'const OVERLAP_AFTER_MS = 20_000;'],
    caughtBy: ['test/workerd/alarm-options.test.ts'],
  },
  {
    name: 'an alarm that comes early waits for nothing and lifts nothing',
    file: 'src/edge/durable-object-queue.ts',
    replace: ['      earlyMs = earlyMsOf(how);\n', '      earlyMs = 0 * earlyMsOf({});\n'],
    caughtBy: ['test/workerd/alarm-options.test.ts'],
  },
  {
    name: 'an id is a new one when the number of shards is',
    file: 'src/edge/place-jobs.ts',
    replace: [
      '    .filter(({ known }) => known)\n',
      '    .filter(({ known }) => known && jobs.length < 0)\n',
    ],
    caughtBy: ['test/workerd/own-ids.test.ts'],
  },
  {
    name: 'an object of before does not know which job an id was answered with',
    file: 'src/core/kernel/id-memory.ts',
    replace: [
      'if (found !== undefined) return isRemembered(found, now) ? id : undefined;',
      'if (found === undefined || isRemembered(found, now)) return found && id;',
    ],
    caughtBy: ['test/workerd/own-ids.test.ts'],
  },
  {
    name: 'a schedule whose rule is changed drops its due ticks and says nothing',
    file: 'src/core/features/schedules/stored-schedules.ts',
    replace: ['was.nextAt <= now && was.rule !== row.rule', 'was.nextAt < 0 && was.rule !== row.rule'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'dropped ticks are answered and no event tells of them',
    file: 'src/core/features/schedules/part.ts',
    replace: ['for (const ticks of named) emitter', 'for (const ticks of named.slice(named.length)) emitter'],
    caughtBy: ['simulator', 'test/unit/schedules.test.ts'],
  },
  {
    name: 'a job that is refused leaves what an object wrote in the same transaction',
    file: 'src/stores/durable-object/index.ts',
    replace: [
      '      ({ queue, run }) => {\n        const answer',
      '      async ({ queue, run }) => {\n        const answer',
    ],
    caughtBy: ['test/workerd/refused-jobs.test.ts'],
  },
];
