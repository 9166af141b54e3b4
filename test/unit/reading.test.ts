import { cancel, count, createQueue, defineJobs, drain, enqueueMany, get, job, list, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>(), other: job<string>() });

describe('get', () => {
  it('shows a job that waits as it was enqueued', async () => {
    const { queue, environment } = setScene(jobs);
    const backoff = { kind: 'linear', initialMs: 5, stepMs: 6 } as const;
    const { id } = await queue.enqueue('push', 'x', {
      priority: 'high',
      delayMs: 1_000,
      lane: 'doc',
      idempotencyKey: 'k',
      maxAttempts: 3,
      maxCrashes: 4,
      timeoutMs: 5,
      backoff,
    });
    expect(await get(queue, id)).toEqual({
      id,
      queue: 'sync',
      name: 'push',
      version: 1,
      state: 'pending',
      payload: 'x',
      priority: 10,
      seq: 1,
      enqueuedAt: environment.now(),
      runAt: environment.now() + 1_000,
      attempt: 1,
      failures: 0,
      crashes: 0,
      errors: [],
      lane: 'doc',
      idempotencyKey: 'k',
      parked: false,
      maxAttempts: 3,
      maxCrashes: 4,
      timeoutMs: 5,
      backoff,
    });
  });

  it('shows a job that runs with its lease', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const worker = work(queue, { push: deaf }, { leaseMs: 12_000 });
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({
      state: 'active',
      lease: { workerId: worker.id, fence: expect.any(Number), until: environment.now() + 12_000 },
    });
  });

  it('answers nothing for a job that completed or never was', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    await ended(drained);
    expect(await get(queue, id)).toBeUndefined();
    expect(await get(queue, 'nobody')).toBeUndefined();
  });
});

describe('list', () => {
  it('answers a hundred jobs a page, and where the next begins', async () => {
    const { queue } = setScene(jobs);
    await enqueueMany(
      queue,
      Array.from({ length: 150 }, (_, i) => ({ name: 'push', payload: `${i}` })),
    );
    const first = await list(queue, { state: 'pending' });
    expect(first.jobs.map(({ payload }) => payload)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    const second = await list(queue, { state: 'pending', cursor: first.cursor! });
    expect(second.jobs).toHaveLength(50);
    expect(second.cursor).toBeUndefined();
  });

  it('answers the jobs of one name when asked to', async () => {
    const { queue } = setScene(jobs);
    await queue.enqueue('push', 'x');
    await queue.enqueue('other', 'y');
    const { jobs: found } = await list(queue, { state: 'pending', name: 'other' });
    expect(found.map(({ payload }) => payload)).toEqual(['y']);
  });

  it('shows who waits in a lane as parked', async () => {
    const { queue } = setScene(jobs);
    for (const word of ['1', '2']) await queue.enqueue('push', word, { lane: 'doc' });
    const { jobs: found } = await list(queue, { state: 'pending' });
    expect(found.map(({ payload, parked }) => [payload, parked])).toEqual([
      ['1', false],
      ['2', true],
    ]);
  });
});

it('count tells how many jobs there are in each state, and how many ever ended', async () => {
  const { queue, environment } = setScene(jobs);
  expect(await count(queue)).toEqual({
    pending: 0,
    active: 0,
    completed: 0,
    dead: 0,
    cancelled: 0,
    bytes: 0,
    dropped: 0,
    paused: false,
  });
  await queue.enqueue('push', 'good');
  await queue.enqueue('push', 'bad', { maxAttempts: 1 });
  const drained = drain(queue, { push: (word) => word === 'bad' && Promise.reject(new Error('no')) });
  await environment.flush();
  await ended(drained);
  const { id } = await queue.enqueue('push', 'x');
  await cancel(queue, id);
  await queue.enqueue('push', 'runs');
  work(queue, { push: deaf });
  await environment.flush();
  await queue.enqueue('other', 'waits');
  expect(await count(queue)).toMatchObject({ pending: 1, active: 1, completed: 1, dead: 1, cancelled: 1 });
});

it('two queues in one store know nothing of each other', async () => {
  const { queue, environment, store } = setScene(jobs);
  const other = createQueue({ name: 'other', jobs, store, environment });
  const { id } = await queue.enqueue('push', 'x');
  expect(await get(other, id)).toBeUndefined();
  const drained = drain(other, { push: () => {} });
  await environment.flush();
  expect(await ended(drained)).toMatchObject({ completed: 0 });
  expect(await count(queue)).toMatchObject({ pending: 1 });
});
