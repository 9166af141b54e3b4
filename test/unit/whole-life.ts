import {
  batch,
  cancel as cancelJob,
  clear,
  count,
  createQueue,
  DeadLetterError,
  defineJobs,
  drain,
  enqueueFlow,
  enqueueMany,
  every,
  explain,
  fixed,
  flows,
  job,
  limits,
  list,
  RetryLaterError,
  stats as readStats,
  redrive,
  result,
  results,
  type Store,
  schedule,
  schedules,
  systemEnvironment,
  work,
} from 'holdfast';
import { cron } from 'holdfast/cron';

const DAY_MS = 86_400_000;

const jobs = defineJobs({
  plain: job<number>(),
  limited: job<number>(),
  flaky: job<string>({ backoff: fixed({ delayMs: 1 }), maxAttempts: 3 }),
  dead: job<string>(),
  add: job<number>(),
  tick: job<string>(),
});

/** Everything that becomes of jobs, on a store that is new: what came of it, the same everywhere. */
export async function wholeLife(store: Store): Promise<unknown> {
  let later = 0;
  const environment = { ...systemEnvironment, now: () => Date.now() + later };
  const recurring = {
    hourly: schedule({ name: 'tick', payload: 'hourly', recurrence: every(3_600_000) }),
    daily: schedule({
      name: 'tick',
      payload: 'daily',
      recurrence: cron('0 9 * * *', { timeZone: 'Europe/Berlin' }),
    }),
  };
  const use = [
    limits({ limited: { maxActive: 2, rate: { limit: 1_000, perMs: 1_000 } } }),
    results({ keepResultMs: { add: DAY_MS } }),
    flows(),
    schedules(recurring),
  ];
  const queue = createQueue({ name: 'life', jobs, store, environment, use });
  const errors: string[] = [];
  queue.on('worker:error', ({ error }) => errors.push(String(error)));
  const ticks = new Set<string>();
  const handlers = {
    plain: () => {},
    limited: () => {},
    flaky: (how: string, { attempt }: { readonly attempt: number }) => {
      if (attempt === 1 && how === 'later') throw new RetryLaterError({ delayMs: 1 });
      if (attempt === 1) throw new Error('not yet', { cause: new Error('why') });
    },
    dead: () => {
      throw new DeadLetterError('never');
    },
    add: (n: number, { job: { results } }: { readonly job: { readonly results?: object } }) =>
      n + Object.values(results ?? {}).reduce((sum: number, one) => sum + Number(one), 0),
    tick: (which: string) => void ticks.add(which),
  };
  await enqueueMany(
    queue,
    Array.from({ length: 100 }, (_, payload) => ({ name: 'plain', payload })),
  );
  for (let n = 0; n < 5; n++) await queue.enqueue('plain', n, { lane: 'lane', priority: 'high' });
  await queue.enqueue('plain', 1, { idempotencyKey: 'key' });
  const again = await queue.enqueue('plain', 2, { idempotencyKey: 'key' });
  await enqueueMany(
    queue,
    Array.from({ length: 8 }, (_, payload) => ({ name: 'limited', payload })),
  );
  for (const how of ['later', 'soon']) await queue.enqueue('flaky', how);
  const { id: deadId } = await queue.enqueue('dead', 'x');
  const { id: cancelled } = await queue.enqueue('plain', 0, { delayMs: DAY_MS });
  const cancel = await cancelJob(queue, cancelled);
  const flow = await enqueueFlow(queue, {
    one: { name: 'add', payload: 1 },
    two: { name: 'add', payload: 2 },
    both: { name: 'add', payload: 4, dependsOn: ['one', 'two'] },
  });
  const opened = await batch(queue, { whenDone: { name: 'plain', payload: 0 } });
  await opened.add([{ name: 'plain', payload: 1 }]);
  await opened.close();
  const worker = work(queue, handlers, { concurrency: 8 });
  const sum = await result(queue, flow.both.id);
  await worker.stop();
  await drain(queue, handlers);
  const letters = (await list(queue, { state: 'dead' })).jobs.map(({ errors: of }) =>
    of.map(({ name }) => name),
  );
  const redriven = await redrive(queue, deadId);
  const why = (await explain(queue, deadId))?.waits.map((wait) => wait.why);
  const removed = await clear(queue);
  later = 2 * DAY_MS;
  await drain(queue, handlers);
  const { pending, active, dead } = await count(queue);
  const stats = Object.keys((await readStats(queue)).names);
  await queue.close();
  const ended = { again: again.status, cancel, sum, letters, redriven, why, removed, pending, active, dead };
  return { ...ended, ticks: [...ticks].sort(), stats, errors };
}

/** What `wholeLife` comes to. */
export const WHOLE_LIFE = {
  again: 'duplicate',
  cancel: 'cancelled',
  sum: 7,
  letters: [['DeadLetterError']],
  redriven: 'redriven',
  why: [],
  removed: 1,
  pending: 0,
  active: 0,
  dead: 0,
  ticks: ['daily', 'hourly'],
  stats: [],
  errors: [],
};
