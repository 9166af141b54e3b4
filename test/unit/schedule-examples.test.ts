import {
  createQueue,
  defineJobs,
  every,
  job,
  listSchedules,
  memoryStore,
  pauseSchedule,
  putSchedule,
  removeSchedule,
  resumeSchedule,
  schedules,
  triggerSchedule,
  work,
} from 'holdfast';
import { cron } from 'holdfast/cron';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';

it('the schedules of docs/features/schedules.md are stored, fired, changed and removed', async () => {
  const environment = fakeEnvironment();
  const ran: string[] = [];
  const queue = createQueue({
    name: 'reports',
    jobs: defineJobs({ report: job<{ kind: string }>(), sync: job<null>() }),
    store: memoryStore(),
    environment,
    use: [
      schedules({
        morning: {
          recurrence: cron('0 9 * * 1-5', { timeZone: 'Europe/Berlin' }),
          name: 'report',
          payload: { kind: 'daily' },
          missed: 'once',
        },
        sync: { recurrence: every(3_600_000), name: 'sync', payload: null, overlap: false },
      }),
    ],
  });

  const worker = work(queue, {
    report: ({ kind }, { job: { tick } }) => {
      ran.push(`${kind} of ${new Date(tick?.at ?? 0).toISOString()}`);
    },
    sync: () => {
      ran.push('sync');
    },
  });

  await putSchedule(queue, 'audit', {
    recurrence: every({ ms: 3_600_000, anchor: new Date('2025-01-01T00:30Z') }),
    name: 'report',
    payload: { kind: 'audit' },
    options: { priority: 'low' },
    missed: { all: 24 },
  });
  const ids = (await listSchedules(queue)).map(({ id }) => id);
  await removeSchedule(queue, 'audit');

  await pauseSchedule(queue, 'sync'); // nobody fires it, also after a reload that declares it again
  await resumeSchedule(queue, 'sync'); // ticks that passed meanwhile follow `missed`
  await triggerSchedule(queue, 'sync'); // one job now; the next tick stays where it is

  await environment.advance(24 * 3_600_000);
  expect(ids).toEqual(['audit', 'morning', 'sync']);
  expect(ran.filter((what) => what === 'sync')).toHaveLength(25);
  expect(ran.filter((what) => what !== 'sync')).toEqual(['daily of 2025-06-16T07:00:00.000Z']);
  await worker.stop();
});
