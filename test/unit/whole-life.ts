import {
  createQueue,
  DeadLetterError,
  defineJobs,
  every,
  fixed,
  type JobStore,
  job,
  RetryLaterError,
  schedule,
  systemEnvironment,
} from 'holdfast';
import { cron } from 'holdfast/cron';

const DAY_MS = 86_400_000;

const jobs = defineJobs({
  plain: job<number>(),
  limited: job<number>({ maxActive: 2, rate: { limit: 1_000, perMs: 1_000 } }),
  flaky: job<string>({ backoff: fixed({ delayMs: 1 }), maxAttempts: 3 }),
  dead: job<string>(),
  add: job<number>({ keepResultMs: DAY_MS }),
  tick: job<string>(),
});

/** Everything that becomes of jobs, on a store that is new: what came of it, the same everywhere. */
export async function wholeLife(store: JobStore): Promise<unknown> {
  let later = 0;
  const environment = { ...systemEnvironment, now: () => Date.now() + later };
  const schedules = {
    hourly: schedule({ name: 'tick', payload: 'hourly', recurrence: every(3_600_000) }),
    daily: schedule({
      name: 'tick',
      payload: 'daily',
      recurrence: cron('0 9 * * *', { timeZone: 'Europe/Berlin' }),
    }),
  };
  const queue = createQueue({ name: 'life', jobs, schedules, store, environment });
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
  await queue.enqueueMany(Array.from({ length: 100 }, (_, payload) => ({ name: 'plain', payload })));
  for (let n = 0; n < 5; n++) await queue.enqueue('plain', n, { lane: 'lane', priority: 'high' });
  await queue.enqueue('plain', 1, { idempotencyKey: 'key' });
  const again = await queue.enqueue('plain', 2, { idempotencyKey: 'key' });
  await queue.enqueueMany(Array.from({ length: 8 }, (_, payload) => ({ name: 'limited', payload })));
  for (const how of ['later', 'soon']) await queue.enqueue('flaky', how);
  const { id: deadId } = await queue.enqueue('dead', 'x');
  const { id: cancelled } = await queue.enqueue('plain', 0, { delayMs: DAY_MS });
  const cancel = await queue.cancel(cancelled);
  const flow = await queue.enqueueFlow({
    one: { name: 'add', payload: 1 },
    two: { name: 'add', payload: 2 },
    both: { name: 'add', payload: 4, dependsOn: ['one', 'two'] },
  });
  const batch = await queue.batch({ whenDone: { name: 'plain', payload: 0 } });
  await batch.add([{ name: 'plain', payload: 1 }]);
  await batch.close();
  const worker = queue.work(handlers, { concurrency: 8 });
  const sum = await queue.result(flow.both.id);
  await worker.stop();
  await queue.drain(handlers);
  const letters = (await queue.list({ state: 'dead' })).jobs.map(({ errors: of }) =>
    of.map(({ name }) => name),
  );
  const redriven = await queue.redrive(deadId);
  const why = (await queue.explain(deadId))?.waits.map((wait) => wait.why);
  const removed = await queue.clear();
  later = 2 * DAY_MS;
  await queue.drain(handlers);
  const { pending, active, dead } = await queue.count();
  const stats = Object.keys((await queue.stats()).names);
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
