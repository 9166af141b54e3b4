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

/** Each field of a feature's own, which its types demand. */
type Own<Row, Kernel> = Readonly<Record<Exclude<keyof Row, keyof Kernel>, true>>;
interface Kept<OfControl, OfJob> {
  readonly control: Own<OfControl, Control>;
  readonly job: Own<OfJob, JobRow>;
}

function expectLeft(
  feature: string,
  { control, job }: { readonly control: object; readonly job: object },
  records: readonly string[] = [],
): void {
  const left = LEFT_BEHIND.get(feature);
  expect(left?.control ?? []).toEqual(expect.arrayContaining(Object.keys(control)));
  expect(left?.job ?? []).toEqual(expect.arrayContaining(Object.keys(job)));
  expect(left?.records ?? []).toEqual(records);
}

describe('what a feature leaves behind', () => {
  it('is all that flows have of their own', () => {
    const kept: Kept<FlowControl, FlowRow> = {
      control: { ended: true, batchesSwept: true },
      job: { dependsOn: true, blockedBy: true, onDependencyDeath: true, awaited: true, batch: true },
    };
    expectLeft('flows', kept, [BATCH, DEPENDENT, ENDED, REVIVAL]);
  });

  it('is all that limits have of their own, but for what an enqueue said: that is shown everywhere', () => {
    const { control, job }: Kept<RateControl, RateRow> = {
      control: { rates: true, rateSweep: true },
      job: { rateKey: true },
    };
    const { rateKey: _, ...others } = job;
    expectLeft('limits', { control, job: others }, [KEY_RATES]);
  });

  it('is all that results have of their own', () => {
    const kept: Kept<ResultsControl, ResultRow> = {
      control: { oldestDead: true },
      job: { keepResultMs: true },
    };
    expectLeft('results', kept);
  });

  it('is all that schedules have of their own', () => {
    const kept: Kept<TickControl, JobRow> = { control: { ticks: true, ticked: true }, job: {} };
    expectLeft('schedules', kept, [SCHEDULE]);
  });
});
