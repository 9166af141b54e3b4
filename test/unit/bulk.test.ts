import { batch, count, defineJobs, enqueueMany, flows, job, list, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { latch, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<number>() });
const item = (payload: number) => ({ name: 'push' as const, payload });

function* upTo(count: number) {
  for (let n = 0; n < count; n++) yield item(n);
}

describe('enqueueMany of an iterable', () => {
  it('enqueues it in order, chunk by chunk', async () => {
    const { queue, store } = setScene(jobs);
    const result = await enqueueMany(queue, upTo(2_300), { chunkSize: 1_000 });
    expect(result).toEqual({ enqueued: 2_300, replaced: 0, duplicates: 0, refused: 0, errors: [] });
    expect(store.callsOf('enqueue')).toBe(3);
    const { jobs: first } = await list(queue, { state: 'pending', limit: 3 });
    expect(first.map(({ payload }) => payload)).toEqual([0, 1, 2]);
  });

  it('takes an asynchronous one, and no more of it than a chunk before that is stored', async () => {
    const { queue, store } = setScene(jobs);
    let taken = 0;
    async function* items() {
      for (; taken < 50; taken++) yield item(taken);
    }
    const release = store.holdNext('enqueue');
    const done = enqueueMany(queue, items(), { chunkSize: 10 });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(taken).toBeLessThanOrEqual(10);
    release();
    expect(await done).toMatchObject({ enqueued: 50 });
  });

  it('tells its progress after each chunk', async () => {
    const { queue } = setScene(jobs);
    const told: number[] = [];
    await enqueueMany(queue, upTo(25), { chunkSize: 10, onProgress: ({ enqueued }) => told.push(enqueued) });
    expect(told).toEqual([10, 20, 25]);
  });

  it('ends at the first chunk that is refused, and what was enqueued stays', async () => {
    const { queue } = setScene(jobs, { maxDepth: 15 });
    await expect(enqueueMany(queue, upTo(30), { chunkSize: 10 })).rejects.toMatchObject({
      code: 'QueueFull',
    });
    expect(await count(queue)).toMatchObject({ pending: 10 });
  });

  it('goes on behind what is refused when it is to, and says what that was', async () => {
    const { queue } = setScene(jobs);
    const items = [
      item(0),
      item(1),
      { ...item(2), priority: 1_000 },
      item(3),
      { ...item(4), id: '' },
      item(5),
    ];
    const result = await enqueueMany(queue, items, { chunkSize: 2, continueOnError: true });
    expect(result).toMatchObject({ enqueued: 4, refused: 2 });
    expect(result.errors.map(({ index }) => index)).toEqual([2, 4]);
    expect(result.errors[0]?.error).toMatchObject({ code: 'InvalidOption' });
  });

  it('keeps to its rate', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const done = latch<number>();
    void enqueueMany(queue, upTo(300), { ratePerSecond: 100 }).then(() => done.open(elapsed()));
    await environment.advance(1_999);
    expect(await count(queue)).toMatchObject({ pending: 200 });
    await environment.advance(1);
    expect(await done.promise).toBe(2_000);
  });

  it('is ended by its signal, between two chunks and while it waits for its rate', async () => {
    const { queue, environment } = setScene(jobs);
    const stop = new AbortController();
    const reason = new Error('enough');
    const done = enqueueMany(queue, upTo(300), { ratePerSecond: 100, signal: stop.signal });
    await environment.advance(500);
    stop.abort(reason);
    await expect(done).rejects.toBe(reason);
    expect(await count(queue)).toMatchObject({ pending: 100 });
  });

  it.each([
    ['a chunk that is too large', { chunkSize: 1_001 }],
    ['a rate of nothing', { ratePerSecond: 0 }],
    ['an option that is none', { chunk: 5 } as never],
    ['a progress that is no function', { onProgress: 'x' as never }],
  ])('refuses at once %s', async (_what, options) => {
    const { queue } = setScene(jobs);
    await expect(enqueueMany(queue, upTo(1), options)).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('refuses what is no iterable', async () => {
    const { queue } = setScene(jobs);
    for (const items of ['text', 7, null, {}])
      await expect(enqueueMany(queue, items as never, {})).rejects.toMatchObject({ code: 'InvalidOption' });
  });
});

describe('a batch', () => {
  it('counts what is added to it in many calls, and brings its last job when all has ended', async () => {
    const { queue, environment } = setScene(
      defineJobs({ push: job<number>({ maxAttempts: 1 }), report: job<string>() }),
      { use: [flows()] },
    );
    const opened = await batch(queue, { whenDone: { name: 'report', payload: 'import' } });
    await opened.add(upTo(5), { chunkSize: 2 });
    await opened.add([item(5)]);
    const reports: unknown[] = [];
    work(queue, {
      push: (n) => {
        if (n === 3) throw new Error('no');
      },
      report: (payload, { job: { results } }) => void reports.push([payload, results]),
    });
    await environment.advance(0);
    expect(reports).toEqual([]);
    await opened.close();
    await environment.advance(0);
    expect(reports).toEqual([['import', { batch: { total: 6, completed: 5, dead: 1, cancelled: 0 } }]]);
    expect(await opened.counts()).toMatchObject({ total: 6, open: 0, closed: true });
  });

  it('is found again by its id, and refuses jobs once it is closed', async () => {
    const { queue } = setScene(jobs, { use: [flows()] });
    await (await batch(queue, { id: 'import' })).add([item(1)]);
    const again = await batch(queue, { id: 'import' });
    expect(await again.counts()).toMatchObject({ total: 1, open: 1 });
    await again.close();
    await expect(again.add([item(2)])).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  it('refuses a last job that could not be enqueued, and is not opened', async () => {
    const { queue, store } = setScene(jobs, { use: [flows()] });
    const whenDone = [
      { name: 'nothing', payload: 1 } as never,
      { ...item(1), priority: 1_000 },
      { ...item(1), dependsOn: 'x' },
      { ...item(1), id: 'report' },
      { ...item(1), idempotencyKey: 'report' },
      7 as never,
    ];
    for (const each of whenDone) await expect(batch(queue, { whenDone: each })).rejects.toMatchObject({});
    expect(store.calls).toEqual([]);
  });
});
