import { describe, expect, it } from 'vitest';
import type { FlowControl, FlowRow } from '../../src/core/features/flows/flow-row.ts';
import { BATCH, DEPENDENT, ENDED, REVIVAL } from '../../src/core/features/flows/flow-row.ts';
import { KEY_RATES, type RateControl, type RateRow } from '../../src/core/features/limits/rate-rows.ts';
import type { ResultRow } from '../../src/core/features/results/result-row.ts';
import type { ResultsControl } from '../../src/core/features/results/retention.ts';
import type { TickControl } from '../../src/core/features/schedules/next-ticks.ts';
import { SCHEDULE } from '../../src/core/features/schedules/schedule-row.ts';
import type { Control } from '../../src/core/kernel/control-row.ts';
import type { JobRow } from '../../src/core/kernel/job-row.ts';
import { LEFT_BEHIND } from '../../src/core/operations/left-behind.ts';

/** Each field of a feature's own, which the type demands. */
type Own<Row, Kernel> = Readonly<Record<Exclude<keyof Row, keyof Kernel>, true>>;
interface Rows<Fields, Job> {
  readonly control?: Own<Fields, Control>;
  readonly job?: Own<Job, JobRow>;
}

const flows: Rows<FlowControl, FlowRow> = {
  control: { ended: true, batchesSwept: true },
  job: { dependsOn: true, blockedBy: true, onDependencyDeath: true, awaited: true, batch: true },
};
const limits: Rows<RateControl, RateRow> = {
  control: { rates: true, rateSweep: true },
  // What an enqueue said of it is shown everywhere, and means the same where the feature comes back.
  job: { rateKey: true },
};
const results: Rows<ResultsControl, ResultRow> = {
  control: { oldestDead: true },
  job: { keepResultMs: true },
};
const schedules: Rows<TickControl, JobRow> = { control: { ticks: true, ticked: true } };
const STAYS = ['rateKey'];

describe('what a feature leaves behind', () => {
  it.each(Object.entries({ flows, limits, results, schedules }))(
    'is all that its rows have of their own: %s',
    (name, { control = {}, job = {} }) => {
      const left = LEFT_BEHIND.get(name);
      expect(left?.control).toEqual(expect.arrayContaining(Object.keys(control)));
      const fields = Object.keys(job).filter((field) => !STAYS.includes(field));
      expect(left?.job ?? []).toEqual(expect.arrayContaining(fields));
    },
  );

  it.each(
    Object.entries({ flows: [BATCH, DEPENDENT, ENDED, REVIVAL], limits: [KEY_RATES], schedules: [SCHEDULE] }),
  )('is all of its kinds of records: %s', (name, kinds) => {
    expect(LEFT_BEHIND.get(name)?.records).toEqual(kinds);
  });
});
