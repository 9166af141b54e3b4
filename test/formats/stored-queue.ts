import {
  batch,
  cancel,
  checkpoints,
  count,
  createQueue,
  DeadLetterError,
  defineJobs,
  drain,
  enqueueFlow,
  every,
  fixed,
  flows,
  get,
  hold,
  job,
  keys,
  limits,
  list,
  log,
  RetryLaterError,
  readLog,
  redrive,
  result,
  results,
  type Store,
  schedule,
  schedules,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';

const T = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What JSON cannot hold. */
const rich = () => ({
  at: new Date(T),
  by: new Map([['k', new Set([1n])]]),
  bytes: new Uint8Array([1, 2, 3]),
  none: undefined,
});

const jobs = defineJobs({
  plain: job<unknown>(),
  add: job<number, { result: number }>(),
  flaky: job<string>({ backoff: fixed({ delayMs: HOUR_MS }) }),
  dead: job<string>(),
  later: job<string>(),
  stuck: job<string, { checkpoint: number }>(),
  limited: job<number>(),
  tick: job<string>(),
});

const open = (store: Store, environment: ReturnType<typeof fakeEnvironment>) =>
  createQueue({
    name: 'formats',
    jobs,
    store,
    environment,
    use: [
      limits({ limited: { maxActive: 1, rate: { limit: 1, perMs: HOUR_MS } } }),
      results({ keepResultMs: { add: DAY_MS } }),
      flows(),
      keys(),
      checkpoints(),
      log({ size: 100 }),
      schedules({
        hourly: schedule({ name: 'tick', payload: 'hourly', recurrence: every(HOUR_MS) }),
      }),
    ],
  });

/** A queue with a job in every state, left in the middle of an attempt: what a fixture holds. */
export async function fillQueue(store: Store): Promise<void> {
  const environment = fakeEnvironment({ now: T });
  const queue = open(store, environment);
  await queue.enqueue('plain', rich(), { id: 'done', tags: ['a', 'b'] });
  await queue.enqueue('add', 4, { id: 'sum' });
  for (const name of ['flaky', 'dead', 'later'] as const) await queue.enqueue(name, 'x', { id: name });
  for (const id of ['limited 1', 'limited 2']) await queue.enqueue('limited', 1, { id });
  await environment.until(
    drain(queue, {
      plain: () => {},
      add: (n) => n + 1,
      limited: () => {},
      flaky: () => {
        throw new Error('not yet', { cause: new TypeError('why') });
      },
      dead: () => {
        throw new DeadLetterError('never');
      },
      later: () => {
        throw new RetryLaterError({ delayMs: HOUR_MS, hold: true });
      },
    }),
  );
  await queue.enqueue('stuck', 'x', { id: 'stuck' });
  await environment.until(
    new Promise<void>((resolve, reject) => {
      work(queue, {
        stuck: async (_, { checkpoint }) => {
          await checkpoint(7).then(() => resolve(), reject);
          await new Promise(() => {});
        },
      });
    }),
  );
  await queue.enqueue('plain', rich(), { id: 'waits', priority: 'high' });
  await queue.enqueue('plain', 2, { id: 'delayed', delayMs: DAY_MS });
  for (const id of ['head', 'parked']) await queue.enqueue('plain', id, { id, lane: 'document' });
  await queue.enqueue('plain', 3, { id: 'keyed', idempotencyKey: 'once' });
  await queue.enqueue('plain', 4, { id: 'cancelled' });
  await cancel(queue, 'cancelled');
  await enqueueFlow(queue, {
    one: { name: 'add', payload: 1 },
    both: { name: 'add', payload: 4, dependsOn: ['one'] },
  });
  const opened = await batch(queue, { id: 'batch', whenDone: { name: 'plain', payload: 'all done' } });
  await opened.add([{ name: 'plain', payload: 5 }]);
  await opened.close();
  await hold(queue, 'dead', T + 2 * HOUR_MS);
}

/** What becomes of it two minutes later, in another process. */
export async function livesOn(store: Store): Promise<object> {
  let ids = 0;
  const fake = fakeEnvironment({ now: T + 2 * MINUTE_MS });
  const environment = { ...fake, id: () => `new ${String(++ids).padStart(3, '0')}` };
  const queue = open(store, environment);
  const found: Record<string, readonly string[]> = {};
  for (const state of ['pending', 'active', 'completed', 'dead', 'cancelled'] as const)
    found[state] = (await list(queue, { state })).jobs.map(({ id, name }) => `${name} ${id}`).toSorted();
  const waits = await get(queue, 'waits');
  const kept = await environment.until(result(queue, 'sum'));
  const logged = await readLog(queue);
  const again = await queue.enqueue('plain', 0, { idempotencyKey: 'once' });
  const known = await queue.enqueue('plain', 0, { id: 'done' });
  const ran: string[] = [];
  const checkpointsOf: unknown[] = [];
  const ran1 = (id: string) => void ran.push(id);
  const handlers = {
    plain: (_: unknown, { job: { id } }: { readonly job: { readonly id: string } }) => ran1(id),
    add: (n: number) => n + 1,
    flaky: (_: string, { attempt }: { readonly attempt: number }) => ran1(`flaky, attempt ${attempt}`),
    dead: () => ran1('dead'),
    later: () => ran1('later'),
    limited: (_: number, { job: { id } }: { readonly job: { readonly id: string } }) => ran1(id),
    tick: (which: string) => ran1(which),
    stuck: (
      _: string,
      {
        job: { checkpoint, crashes },
      }: { readonly job: { readonly checkpoint?: number; readonly crashes: number } },
    ) => {
      checkpointsOf.push([checkpoint, crashes]);
    },
  };
  await environment.until(drain(queue, handlers));
  const soon = ran.splice(0).toSorted();
  await redrive(queue, 'dead');
  await environment.advance(HOUR_MS);
  await environment.until(drain(queue, handlers));
  const inAnHour = ran.splice(0).toSorted();
  await environment.advance(DAY_MS);
  await environment.until(drain(queue, handlers));
  const left = await count(queue);
  await queue.close();
  return {
    found,
    payload: waits?.payload,
    kept,
    logged: logged.length,
    again,
    known: known.status,
    checkpointsOf,
    soon,
    inAnHour,
    inADay: ran.toSorted(),
    left,
  };
}

/** What is there, and what becomes of it, whichever store held it. */
export const LIVES_ON = {
  found: {
    pending: [
      'add id-000003',
      'add id-000004',
      'flaky flaky',
      'later later',
      'limited limited 2',
      'plain delayed',
      'plain head',
      'plain id-000006',
      'plain keyed',
      'plain parked',
      'plain waits',
    ],
    active: ['stuck stuck'],
    completed: ['add sum', 'limited limited 1', 'plain done'],
    dead: ['dead dead'],
    cancelled: [],
  },
  payload: rich(),
  kept: 5,
  logged: 31,
  again: { id: 'keyed', status: 'duplicate' },
  known: 'duplicate',
  checkpointsOf: [[7, 1]],
  soon: ['head', 'id-000005', 'id-000006', 'keyed', 'parked', 'waits'],
  inAnHour: ['flaky, attempt 2', 'hourly', 'later', 'limited 2'],
  inADay: ['dead', 'delayed', 'hourly'],
  left: {
    pending: 0,
    active: 0,
    completed: 19,
    dead: 0,
    cancelled: 1,
    bytes: 0,
    dropped: 0,
    paused: false,
  },
};
