import {
  count,
  createQueue,
  defineJobs,
  every,
  expose,
  job,
  listSchedules,
  memoryStore,
  pulling,
  putSchedule,
  schedules,
} from 'holdfast';
import { cron } from 'holdfast/cron';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';

const T = 1_750_000_000_000;
const MINUTE = 60_000;
const jobs = defineJobs({ push: job<unknown>() });
const kinds = {
  every: () => every({ ms: MINUTE, anchor: T }),
  cron: () => cron('* * * * *', { timeZone: 'UTC' }),
};

async function openHost(kind: keyof typeof kinds, missed: 'once' | { all: number } = 'once') {
  const environment = fakeEnvironment({ now: T });
  const host = createQueue({ name: 'sync', jobs, store: memoryStore(), environment, use: [schedules()] });
  await putSchedule(host, 's', { recurrence: kinds[kind](), name: 'push', payload: 1, missed });
  const serve = expose(host, pulling);
  const [schedule] = await listSchedules(host);
  const first = schedule?.nextAt as number;
  const fire = (firing: object) =>
    serve({ v: 1, call: 'fire', args: { firings: [{ id: 's', seenAt: first, ticks: [], ...firing }] } });
  return { environment, host, fire, first };
}

describe.each(['every', 'cron'] as const)('a caller who fires ticks of a schedule of kind %s', (kind) => {
  const many = (from: number) => Array.from({ length: 1_000 }, (_, i) => from + i);

  it('fires none whose time has not come on the host', async () => {
    const { host, fire, first, environment } = await openHost(kind);
    for (const firing of [
      { ticks: [first], nextAt: first + MINUTE },
      { ticks: many(first) },
      { nextAt: first + 9e9 },
    ])
      expect(await fire(firing)).toMatchObject({ answer: [{ status: 'stale', jobs: [] }] });
    await environment.advance(first - T);
    expect(await listSchedules(host)).toMatchObject([{ nextAt: first }]);
    expect(await count(host)).toMatchObject({ pending: 0 });
  });

  it('brings no more jobs than are due, and ends no recurrence', async () => {
    const { host, fire, first, environment } = await openHost(kind);
    await environment.advance(first - T + 1);
    await fire({ ticks: many(first) });
    await fire({ ticks: [first], nextAt: first + MINUTE });
    expect(await count(host)).toMatchObject({ pending: 1 });
    expect(await listSchedules(host)).toMatchObject([{ nextAt: first + MINUTE }]);
  });

  it('may have a clock that is a second ahead', async () => {
    const { host, fire, first, environment } = await openHost(kind);
    await environment.advance(first - T - 1_000);
    expect(await fire({ ticks: [first], nextAt: first + MINUTE })).toMatchObject({
      answer: [{ status: 'fired' }],
    });
    expect(await listSchedules(host)).toMatchObject([{ lastAt: first, nextAt: first + MINUTE }]);
  });
});
