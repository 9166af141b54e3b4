import { job, list } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { live } from '../../src/adapters/live.ts';
import { liveJobs } from '../../src/adapters/readings.ts';
import { setScene } from './scene.ts';

const jobs = { push: job<string>(), stamp: job<Date>() };

describe('what is read live', () => {
  it('is read once at a time, and again when something changed meanwhile', async () => {
    const { queue, environment } = setScene(jobs);
    const reads: ((value: string) => void)[] = [];
    const { subscribe, getSnapshot } = live(
      queue,
      () => new Promise<string>((resolve) => reads.push(resolve)),
    );
    const end = subscribe(() => {});
    for (const payload of ['a', 'b', 'c']) {
      await queue.enqueue('push', payload);
      await environment.advance(100);
    }
    expect(reads).toHaveLength(1);
    reads[0]?.('before');
    await environment.flush();
    expect(getSnapshot()).toEqual({ data: 'before', error: undefined, isPending: false });
    expect(reads).toHaveLength(2);
    reads[1]?.('after');
    await environment.flush();
    expect(getSnapshot().data).toBe('after');
    expect(reads).toHaveLength(2);
    end();
  });

  it('keeps the last value when a read fails, and the error until one succeeds', async () => {
    const { queue, environment } = setScene(jobs);
    const outcomes = [Promise.resolve('a'), Promise.reject(new Error('no')), Promise.resolve('a')];
    outcomes[1]?.catch(() => {});
    const { subscribe, getSnapshot } = live(queue, () => outcomes.shift() as Promise<string>);
    const seen: unknown[] = [];
    const end = subscribe(() => {
      const { data, error } = getSnapshot();
      seen.push([data, error && String(error)]);
    });
    await environment.flush();
    for (const payload of ['a', 'b']) {
      await queue.enqueue('push', payload);
      await environment.advance(100);
    }
    expect(seen).toEqual([
      ['a', undefined],
      ['a', 'Error: no'],
      ['a', undefined],
    ]);
    end();
  });

  it('has the same objects for jobs in which nothing is different, and calls nobody when nothing is', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'a');
    const { subscribe, getSnapshot } = liveJobs<typeof jobs, 'push'>(queue, {
      state: 'pending',
      name: 'push',
    });
    let calls = 0;
    const end = subscribe(() => {
      calls += 1;
    });
    await environment.flush();
    const [first] = getSnapshot().data?.jobs ?? [];
    await queue.enqueue('push', 'b');
    await environment.advance(100);
    const { jobs: both } = getSnapshot().data ?? { jobs: [] };
    expect(both.map(({ payload }) => payload)).toEqual(['a', 'b']);
    expect(both[0]).toBe(first);
    expect(calls).toBe(2);
    await queue.enqueue('stamp', new Date(0));
    await environment.advance(100);
    expect(calls).toBe(2);
    end();
  });

  it('never takes one for the same whose payload may be different', async () => {
    const { queue, environment } = setScene(jobs);
    const at = new Date(0);
    await queue.enqueue('stamp', at, { idempotencyKey: 'k' });
    const { subscribe, getSnapshot } = liveJobs<typeof jobs, 'stamp'>(queue, { state: 'pending' });
    const end = subscribe(() => {});
    await environment.flush();
    await queue.enqueue('stamp', new Date(1), { idempotencyKey: 'k', onDuplicate: 'replace' });
    await environment.advance(100);
    expect(getSnapshot().data?.jobs[0]?.payload).toEqual(new Date(1));
    expect((await list(queue, { state: 'pending' })).jobs).toHaveLength(1);
    end();
  });
});
