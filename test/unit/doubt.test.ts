import { count, defineJobs, drain, enqueueMany, job, memoryBacking, StoreError, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { deaf, latch, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<number>({ maxCrashes: 2 }) });
const down = new StoreError('down', { retryable: true });

describe('a worker that cannot be sure of its leases', () => {
  it('runs a job once at a time, though the store was away for longer than the lease', async () => {
    const { queue, store, environment } = setScene(jobs);
    const ends = [latch(), latch()];
    let [running, most, runs] = [0, 0, 0];
    const signals: AbortSignal[] = [];
    work(queue, {
      push: async (_, { signal }) => {
        signals.push(signal);
        running += 1;
        most = Math.max(most, running);
        await ends[runs++]?.promise;
        running -= 1;
      },
    });
    await queue.enqueue('push', 1);
    await environment.advance(100);
    const up = store.failAll(down);
    await environment.advance(45_000);
    up();
    await environment.advance(40_000);
    for (const { open } of ends) open();
    await environment.advance(60_000);
    expect(most).toBe(1);
    expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 1, dead: 0 });
    await queue.close();
  });

  it('begins nothing after a freeze that another worker has completed meanwhile', async () => {
    const backing = memoryBacking();
    const environment = fakeEnvironment();
    const frozen = setScene(jobs, { backing, environment });
    Object.assign(frozen.store, { onHint: undefined }); // It hears nothing either.
    const other = setScene(jobs, { backing, environment });
    await enqueueMany(
      frozen.queue,
      Array.from({ length: 300 }, (_, payload) => ({ name: 'push', payload })),
    );
    const block = latch();
    const begun: number[] = [];
    const push = async (n: number) => {
      begun.push(n);
      if (n === 150) await block.promise;
    };
    work(frozen.queue, { push }, { concurrency: 1 });
    for (let i = 0; i < 400 && !begun.includes(150); i++) await environment.flush();
    expect((await count(frozen.queue)).active).toBeGreaterThan(1);

    environment.jump(120_000); // The page is frozen: no timer of it fires.
    const drained = drain(other.queue, { push: () => {} });
    await environment.flush();
    expect((await drained).completed).toBeGreaterThan(100);
    const before = begun.length;
    block.open();
    await environment.advance(1_000);
    expect(begun).toHaveLength(before);
    expect(await count(other.queue)).toMatchObject({ pending: 0, active: 0, completed: 300, dead: 0 });
    await frozen.queue.close();
  });

  it('begins nothing by the word of a heartbeat that was sent before the claim was heard of', async () => {
    const backing = memoryBacking();
    const environment = fakeEnvironment();
    const frozen = setScene(jobs, { backing, environment });
    Object.assign(frozen.store, { onHint: undefined }); // It hears nothing either.
    const other = setScene(jobs, { backing, environment });
    const begun: number[] = [];
    const push = (n: number) => {
      begun.push(n);
      return n === 1 ? deaf() : undefined;
    };
    const held = work(frozen.queue, { push }, { concurrency: 2, leaseMs: 10_000 });
    await frozen.queue.enqueue('push', 1);
    await environment.flush();
    const claimArrives = frozen.store.holdNext('exchange', { after: true });
    await frozen.queue.enqueue('push', 2);
    await environment.flush();
    environment.jump(120_000); // It is frozen with the claim of the second on its way.
    const taken = work(other.queue, { push: deaf });
    await environment.flush();
    expect(begun).toEqual([1]);
    const beatArrives = frozen.store.holdNext('extend', { after: true });
    await environment.advance(4_000); // Its heartbeat comes first.
    claimArrives();
    await environment.flush();
    beatArrives();
    await environment.advance(1_000);
    expect(begun).toEqual([1]);
    for (const worker of [held, taken]) void worker.stop({ graceMs: 0 });
    await environment.advance(1_000);
  });

  it('gives back what came with an answer that was lost, uncounted and at once', async () => {
    const { queue, store, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 1);
    store.failNext('exchange', down, { after: true });
    const begun: unknown[] = [];
    work(queue, {
      push: (_, { job: { crashes, failures } }) => void begun.push([elapsed(), crashes, failures]),
    });
    await environment.advance(1_000);
    expect(begun).toEqual([[250, 0, 0]]);
    await queue.close();
  });

  it('works without a proof of its life that does not come, and can be stopped', async () => {
    const environment = fakeEnvironment();
    const { queue, store } = setScene(jobs, { environment });
    Object.assign(store, { signOfLife: () => new Promise(() => {}) });
    const begun: number[] = [];
    const worker = work(queue, { push: (n) => void begun.push(n) });
    await queue.enqueue('push', 1);
    await environment.advance(5_000);
    expect(begun).toEqual([1]);
    await worker.stop();
    await queue.close();
    expect(environment.timers).toBe(0);
  });
});
