import {
  cancel,
  count,
  createQueue,
  DeadLetterError,
  type ExchangeRequest,
  get,
  job,
  memoryBacking,
  memoryStore,
  remove,
  result as resultOf,
  results,
  StoreError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, lostConnection, pass, setScene } from './scene.ts';

const jobs = {
  sum: job<number[]>({ maxAttempts: 1 }),
  plain: job<number>(),
};
const keepResultMs = { sum: 60_000 };
const use = [results({ keepResultMs })];
const sum = (numbers: number[]) => ({ sum: numbers.reduce((all, one) => all + one, 0) });

/** Two contexts of one database: jobs run in the other one. */
function twoContexts() {
  const backing = memoryBacking();
  const here = setScene(jobs, { use, backing });
  const other = setScene(jobs, { use, backing, environment: here.environment });
  return { ...here, other: { ...other, backing } };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    (result) => ({ result }),
    (error) => error.code,
  );

describe('result resolves with what the handler returned', () => {
  it('when the job is done later, here', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [1, 2, 3]);
    const result = resultOf(queue, id);
    work(queue, { sum: (numbers) => pass(environment, 5_000).then(() => sum(numbers)) });
    await environment.advance(5_100);
    expect(await ended(result)).toEqual({ sum: 6 });
  });

  it('when a page without the feature completed it, and no page with it works', async () => {
    const { queue, environment, other } = twoContexts();
    const bare = setScene(jobs, { backing: other.backing, environment });
    const { id } = await queue.enqueue('sum', [1, 2]);
    const early = resultOf(queue, id);
    work(bare.queue, { sum });
    await environment.advance(60_000);
    expect(await ended(early)).toEqual({ sum: 3 });
    expect(await resultOf(queue, id)).toEqual({ sum: 3 });
  });

  it('when it was done before, in another context', async () => {
    const { queue, environment, other } = twoContexts();
    const { id } = await queue.enqueue('sum', [1, 2]);
    work(other.queue, { sum });
    await environment.flush();
    expect(await resultOf(queue, id)).toEqual({ sum: 3 });
    expect(await get(queue, id)).toMatchObject({ state: 'completed', result: { sum: 3 } });
  });

  it('when another context does it, as soon as that tells, without a poll', async () => {
    const { queue, environment, other, elapsed } = twoContexts();
    const { id } = await queue.enqueue('sum', [4]);
    const done = resultOf(queue, id).then(() => elapsed());
    work(other.queue, { sum: () => pass(environment, 40_000).then(() => 4) });
    await environment.advance(40_100);
    expect(await ended(done)).toBeLessThanOrEqual(40_050);
  });

  it('also when nothing that other contexts tell arrives: within half a minute', async () => {
    const backing = memoryBacking();
    const { onHint: _, ...deafStore } = memoryStore({ backing });
    const here = setScene(jobs, { use, backing });
    const queue = createQueue({
      name: 'sync',
      jobs,
      store: deafStore,
      use,
      environment: here.environment,
    });
    const { id } = await queue.enqueue('sum', [4]);
    const result = resultOf(queue, id);
    work(here.queue, { sum: () => pass(here.environment, 100_000).then(() => 4) });
    await here.environment.advance(130_100);
    expect(await ended(result)).toBe(4);
  });

  it('for all who wait, by one look at a time, and to each a copy of its own', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [1]);
    const wanted = Array.from({ length: 50 }, () => resultOf(queue, id) as Promise<{ sum: number }>);
    await environment.advance(1_000);
    const looks = store.callsOf('get');
    expect(looks).toBeLessThanOrEqual(4);
    work(queue, { sum });
    await environment.advance(100);
    const all = await ended(Promise.all(wanted));
    expect(new Set(all).size).toBe(50);
    expect(all.every((each) => each.sum === 1)).toBe(true);
    expect(store.callsOf('get')).toBeLessThanOrEqual(looks + 2);
  });

  it('with undefined too, and by the option of one enqueue', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('plain', 1, { keepResultMs: 1_000 });
    work(queue, { plain: () => {} });
    await environment.flush();
    expect(await resultOf(queue, id)).toBeUndefined();
  });

  it('of a queue that keeps its completed jobs', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [results({ keepResultMs, completed: { count: 1 } })],
    });
    const { id } = await queue.enqueue('plain', 1);
    work(queue, { plain: (n) => n + 1 });
    await environment.flush();
    expect(await resultOf(queue, id)).toBe(2);
    expect(await get(queue, id)).toMatchObject({ payload: 1, result: 2 });
  });

  it('although the store failed a look', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [2]);
    store.failNext('get', lostConnection());
    const result = resultOf(queue, id);
    work(queue, { sum });
    await environment.advance(1_000);
    expect(await ended(result)).toEqual({ sum: 2 });
  });
});

describe('keepResultMs', () => {
  it('needs use: [results()]: an enqueue without it says so, and stores nothing', async () => {
    const { queue } = setScene(jobs);
    const enqueued = queue.enqueue('plain', 1, { keepResultMs: 5 } as never);
    await expect(enqueued).rejects.toThrow('use: [results()]');
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('of a name is that of its jobs, unless an enqueue says another', async () => {
    const { queue } = setScene(jobs, { use });
    const ids = [
      await queue.enqueue('sum', []),
      await queue.enqueue('sum', [], { keepResultMs: 5 }),
      await queue.enqueue('plain', 1),
    ];
    const kept = await Promise.all(ids.map(({ id }) => get(queue, id)));
    expect(kept.map((one) => (one as { keepResultMs?: number }).keepResultMs)).toEqual([
      60_000,
      5,
      undefined,
    ]);
  });

  it.each([
    [{ keepResultMs: 5 }, 'keepResultMs'],
    [{ keepResultMs: { sum: 0 } }, 'keepResultMs["sum"] is 0'],
    [{ keepResultMS: {} }, 'keepResultMs'],
  ])('is refused at once where it is none: %o', (options, text) => {
    expect(() => results(options as never)).toThrow(text);
  });

  it('of a name that the queue has no job of is refused', () => {
    expect(() => setScene(jobs, { use: [results({ keepResultMs: { sums: 5 } })] })).toThrow('sums');
  });
});

describe('result rejects', () => {
  it('when the job is dead, with its last error', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', []);
    const result = resultOf(queue, id).catch((error) => error);
    work(queue, { sum: () => Promise.reject(new DeadLetterError('never')) });
    await environment.advance(100);
    expect(await ended(result)).toMatchObject({
      code: 'JobDead',
      lastError: { name: 'DeadLetterError', message: 'never', attempt: 1 },
    });
    expect(await codeOf(resultOf(queue, id))).toBe('JobDead');
  });

  it('when it is cancelled here', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', []);
    const code = codeOf(resultOf(queue, id));
    await environment.advance(60);
    await cancel(queue, id);
    await environment.advance(100);
    expect(await ended(code)).toBe('JobCancelled');
  });

  it('when it is done and its result is not kept, and says how to keep it', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('plain', 1);
    const result = resultOf(queue, id).catch((error) => error);
    work(queue, { plain: (n) => n });
    await environment.advance(100);
    expect(await ended(result)).toMatchObject({
      code: 'ResultNotKept',
      message: expect.stringContaining('keepResultMs'),
    });
  });

  it('when there is no such job: unknown, removed, or forgotten', async () => {
    const { queue, environment } = setScene(jobs, { use });
    expect(await codeOf(resultOf(queue, 'nobody'))).toBe('JobGone');
    const { id } = await queue.enqueue('sum', [1]);
    work(queue, { sum });
    await environment.flush();
    await remove(queue, id);
    expect(await codeOf(resultOf(queue, id))).toBe('JobGone');
  });

  it('with the reason of its signal, and then nothing is looked at and no timer is left', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [1]);
    const abort = new AbortController();
    const result = resultOf(queue, id, { signal: abort.signal }).catch((error) => error);
    await environment.advance(1_000);
    abort.abort(new Error('enough'));
    await environment.advance(100);
    expect(await ended(result)).toMatchObject({ message: 'enough' });
    const looks = store.callsOf('get');
    await environment.advance(100_000);
    expect(store.callsOf('get')).toBe(looks);
    expect(environment.timers).toBe(0);
    await expect(resultOf(queue, id, { signal: AbortSignal.abort('at once') })).rejects.toBe('at once');
  });

  it('when the queue is closed meanwhile', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [1]);
    const code = codeOf(resultOf(queue, id));
    await environment.flush();
    await queue.close();
    await environment.advance(100);
    expect(await ended(code)).toBe('StoreClosed');
  });

  it('with an error of the store that no repeat will mend', async () => {
    const { queue, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [1]);
    store.failNext('get', new StoreError('damaged', { retryable: false }));
    await expect(resultOf(queue, id)).rejects.toThrow('damaged');
  });

  it.each([[{ signal: 7 }], [{ timeout: 5 }]])(
    'at once for options that it does not know: %o',
    async (options) => {
      const { queue } = setScene(jobs, { use });
      expect(await codeOf(resultOf(queue, 'x', options as never))).toBe('InvalidOption');
    },
  );
});

describe('a result that cannot be kept', () => {
  it.each([
    ['a function', () => () => {}],
    ['more than 64 KB', () => 'x'.repeat(70_000)],
  ])('is told, and its job is done and not run again: %s', async (_, result) => {
    const { queue, environment } = setScene(jobs, { use });
    const told: unknown[] = [];
    queue.on('worker:error', ({ error }) => told.push((error as { code: string }).code));
    const { id } = await queue.enqueue('sum', []);
    let runs = 0;
    work(queue, { sum: () => ++runs && result() });
    await environment.advance(100_000);
    expect([runs, told]).toEqual([1, ['Payload']]);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 0, dead: 0 });
    expect(await codeOf(resultOf(queue, id))).toBe('ResultNotKept');
  });

  it('as the disk is full, gives way: its job is done, and the others settle too', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('sum', [1]);
    await queue.enqueue('plain', 1);
    const full = new StoreError('the disk is full', { retryable: false });
    store.failWhen('exchange', full, ({ settle }: ExchangeRequest) =>
      settle.some(({ outcome }) => outcome.kind === 'complete' && outcome.result !== undefined),
    );
    let runs = 0;
    work(queue, { sum: (numbers) => ++runs && sum(numbers), plain: () => {} });
    await environment.advance(10_000);
    expect(runs).toBe(1);
    expect(await count(queue)).toMatchObject({ completed: 2, active: 0 });
    expect(await codeOf(resultOf(queue, id))).toBe('ResultNotKept');
  });

  it('as the disk is too full to keep completed jobs, gives way too', async () => {
    const { queue, environment, store } = setScene(jobs, {
      use: [results({ keepResultMs, completed: { count: 10 } })],
    });
    await queue.enqueue('plain', 1);
    const full = new StoreError('the disk is full', { retryable: false });
    store.failWhen('exchange', full, ({ settle }: ExchangeRequest) =>
      settle.some(({ outcome }) => outcome.kind === 'complete' && outcome.result !== undefined),
    );
    let runs = 0;
    work(queue, { plain: () => void runs++ });
    await environment.advance(10_000);
    expect(runs).toBe(1);
    expect(await count(queue)).toMatchObject({ completed: 1, active: 0 });
  });
});

it('the wait for a job that runs on costs a look in half a minute', async () => {
  const { queue, environment, store } = setScene(jobs, { use });
  const { id } = await queue.enqueue('sum', [1]);
  work(queue, { sum: deaf });
  void resultOf(queue, id).catch(() => {});
  await environment.advance(60_000);
  const looks = store.callsOf('get');
  await environment.advance(300_000);
  expect(store.callsOf('get') - looks).toBeLessThanOrEqual(10);
});

it('a result that is waited for is not looked for because of what this context does to other jobs', async () => {
  const { queue, store, environment } = setScene(jobs, { use });
  await queue.enqueue('sum', [1], { id: 'x', delayMs: 3_600_000 });
  resultOf(queue, 'x').catch(() => undefined);
  await environment.flush();
  const looks = store.callsOf('get');
  for (let i = 0; i < 5; i++) await queue.enqueue('plain', i);
  await environment.flush();
  expect(store.callsOf('get')).toBe(looks);
});
