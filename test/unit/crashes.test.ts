import { cancel, count, drain, enqueueMany, get, job, memoryBacking, redrive, watch, work } from 'holdfast';
import { expect, it, vi } from 'vitest';
import { deaf, ended, pass, setScene } from './scene.ts';

const jobs = { push: job<string>({ maxAttempts: 2 }), other: job<string>() };

/** A queue with one job, and tabs that are closed in the middle of it. */
function tabs(options: { readonly maxCrashes?: number } = {}) {
  const backing = memoryBacking();
  const here = setScene(jobs, { backing });
  const { queue, environment } = here;
  /** Opens a tab that claims what is due, closes it in the middle, and lets its lease run out. */
  const claimAndVanish = async () => {
    const tab = setScene(jobs, { backing });
    tab.environment.jump(environment.now() - tab.environment.now());
    work(tab.queue, { push: deaf }, { leaseMs: 1_000 });
    await tab.environment.flush();
    await environment.advance(1_000);
  };
  return {
    ...here,
    claimAndVanish,
    enqueue: () => queue.enqueue('push', 'x', options),
    /** The same, and it is noticed. */
    crash: async () => {
      await claimAndVanish();
      const drained = drain(queue, { other: () => {} });
      await environment.flush();
      await ended(drained);
    },
  };
}

it('a job whose owner vanished comes back at once, its attempt uncounted', async () => {
  const { queue, environment, enqueue, crash } = tabs();
  const { id } = await enqueue();
  await crash();
  expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 1, attempt: 1 });
  const attempts: number[] = [];
  work(queue, { push: (_, { attempt }) => void attempts.push(attempt) });
  await environment.flush();
  expect(attempts).toEqual([1]);
});

it('crashes use up no attempts, and attempts no crashes', async () => {
  const { queue, environment, enqueue, crash } = tabs();
  const { id } = await enqueue();
  for (let i = 0; i < 3; i++) {
    await crash();
    await environment.advance(300_000);
  }
  const worker = work(queue, { push: () => Promise.reject(new Error('no')) });
  await environment.flush();
  expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 1, crashes: 3 });
  await environment.advance(10_000);
  expect(await get(queue, id)).toMatchObject({ state: 'dead', failures: 2, crashes: 3 });
  await ended(worker.stop());
});

it('a job that crashed twice waits, and then runs alone', async () => {
  const { queue, environment, enqueue, crash } = tabs();
  await enqueue();
  await crash();
  await crash();
  await enqueueMany(
    queue,
    ['1', '2', '3'].map((payload) => ({ name: 'other', payload })),
  );
  const running = new Set<string>();
  const beside: string[][] = [];
  const handler = async (word: string) => {
    running.add(word);
    if (word === 'x') await queue.enqueue('other', 'meanwhile');
    if (running.has('x')) beside.push([...running]);
    await pass(environment, 500);
    running.delete(word);
  };
  work(queue, { push: handler, other: handler }, { concurrency: 4 });
  await environment.advance(10_000);
  expect(await count(queue)).toMatchObject({ completed: 5 });
  expect(beside).toEqual([['x']]);
});

it('a job that crashed maxCrashes times is dead, and the worker that found it tells so', async () => {
  const { queue, enqueue, crash } = tabs({ maxCrashes: 2 });
  const { id } = await enqueue();
  const dead: unknown[] = [];
  queue.on('job:dead', ({ job, error }) => dead.push([job.id, job.state, error.name]));
  await crash();
  await crash();
  expect(await get(queue, id)).toMatchObject({ state: 'dead', crashes: 2, failures: 0 });
  expect(dead).toEqual([[id, 'dead', 'CrashError']]);
});

it('a job that lives again when its death is to be told is not told dead', async () => {
  const { queue, environment, store, enqueue, claimAndVanish } = tabs({ maxCrashes: 1 });
  const { id } = await enqueue();
  await claimAndVanish();
  const dead: string[] = [];
  queue.on('job:dead', ({ job }) => dead.push(job.id));
  const read = store.holdNext('get');
  const drained = drain(queue, { other: () => {} });
  await environment.advance(50);
  expect(await redrive(queue, id)).toBe('redriven');
  read();
  await environment.advance(1_000);
  await ended(drained);
  expect(dead).toEqual([]);
});

it('who subscribed is told of what was reclaimed', async () => {
  const { queue, environment, enqueue, claimAndVanish } = tabs();
  await enqueue();
  await claimAndVanish();
  let calls = 0;
  watch(queue).subscribe(() => void calls++);
  const drained = drain(queue, { other: () => {} });
  await environment.advance(50);
  await ended(drained);
  expect(calls).toBe(1);
});

it('a cancelled job whose owner vanished ends cancelled, and this is told', async () => {
  const { queue, environment, enqueue } = tabs();
  const { id } = await enqueue();
  const cancelled: string[] = [];
  queue.on('job:cancelled', (event) => cancelled.push(event.id));
  const worker = work(queue, { push: deaf }, { leaseMs: 1_000 });
  await environment.flush();
  expect(await cancel(queue, id)).toBe('requested');
  await environment.advance(10_000);
  expect(await get(queue, id)).toMatchObject({ state: 'active' });
  const stopped = worker.stop({ graceMs: 0 });
  await environment.advance(0);
  await ended(stopped);
  expect(await get(queue, id)).toBeUndefined();
  expect(cancelled).toEqual([id]);
  expect(await count(queue)).toMatchObject({ cancelled: 1, completed: 0 });
});

it('a worker at Cloudflare, where there is the class of service workers, is none', async () => {
  const { queue, environment, enqueue, claimAndVanish } = tabs();
  const { id } = await enqueue();
  vi.stubGlobal('ServiceWorkerGlobalScope', class {});
  await claimAndVanish();
  vi.unstubAllGlobals();
  const drained = drain(queue, { other: () => {} });
  await environment.flush();
  await ended(drained);
  expect(await get(queue, id)).toMatchObject({ state: 'pending', crashes: 1 });
});

it('a worker in a service worker says that it may be ended at any time', async () => {
  const { queue, environment, enqueue, claimAndVanish } = tabs();
  const { id } = await enqueue();
  vi.stubGlobal('ServiceWorkerGlobalScope', class {});
  vi.stubGlobal('skipWaiting', () => undefined);
  await claimAndVanish();
  vi.unstubAllGlobals();
  const drained = drain(queue, { other: () => {} });
  await environment.flush();
  await ended(drained);
  expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0, evictions: 1 });
});
