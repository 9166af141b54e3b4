import { count, defineJobs, drain, get, job, keys, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, latch, setScene } from './scene.ts';

const HOUR_MS = 3_600_000;

const jobs = defineJobs({ push: job<string>(), other: job<string>() });

/** A working queue, and what ran when. */
function working(options: { readonly dedupeMs?: number } = {}) {
  const scene = setScene(jobs, options);
  const ran: string[] = [];
  const handler = (word: string) => void ran.push(word);
  const start = () => work(scene.queue, { push: handler, other: handler });
  return { ...scene, ran, start };
}

describe('the same idempotencyKey', () => {
  it('is one job while the first waits, and the first payload counts', async () => {
    const { queue, environment, ran, start } = working();
    const { id } = await queue.enqueue('push', 'first', { idempotencyKey: 'k' });
    expect(await queue.enqueue('push', 'second', { idempotencyKey: 'k' })).toEqual({
      id,
      status: 'duplicate',
    });
    start();
    await environment.flush();
    expect(ran).toEqual(['first']);
  });

  it('in one tick is one job', async () => {
    const { queue } = working();
    const answers = await Promise.all(
      ['1', '2', '3'].map((word) => queue.enqueue('push', word, { idempotencyKey: 'k' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(['enqueued', 'duplicate', 'duplicate']);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  });

  it('of another job name is another job', async () => {
    const { queue } = working();
    await queue.enqueue('push', 'x', { idempotencyKey: 'k' });
    expect(await queue.enqueue('other', 'x', { idempotencyKey: 'k' })).toMatchObject({ status: 'enqueued' });
  });

  it('is free again when its job has ended', async () => {
    const { queue, environment, ran, start } = working();
    start();
    for (const word of ['1', '2']) {
      expect(await queue.enqueue('push', word, { idempotencyKey: 'k' })).toMatchObject({
        status: 'enqueued',
      });
      await environment.flush();
    }
    expect(ran).toEqual(['1', '2']);
  });

  it('with replace takes the new payload, in the old place', async () => {
    const { queue, environment, ran, start } = working();
    const { id } = await queue.enqueue('push', 'old', { idempotencyKey: 'k' });
    await queue.enqueue('push', 'other');
    const replace = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    expect(await queue.enqueue('push', 'new', replace)).toEqual({ id, status: 'replaced' });
    start();
    await environment.flush();
    expect(ran.toSorted()).toEqual(['new', 'other']);
  });

  it('with debounce moves the job to the new time, with the new payload', async () => {
    const { queue, environment } = setScene(jobs, { use: [keys()] });
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    for (const word of ['a', 'ab', 'abc']) {
      await queue.enqueue('push', word, { idempotencyKey: 'k', onDuplicate: 'debounce', delayMs: 1_000 });
      await environment.advance(600);
    }
    await environment.advance(399);
    expect(ran).toEqual([]);
    await environment.advance(1);
    expect(ran).toEqual(['abc']);
  });

  it('with restart starts anew once the payload was corrected, at once and with its own priority', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const ran: string[] = [];
    work(queue, {
      push: (word) => {
        ran.push(`${word} after ${elapsed()}`);
        if (word === 'wrong' || ran.length === 3) throw new Error(word === 'wrong' ? '422' : '503');
      },
    });
    const how = {
      idempotencyKey: 'k',
      maxAttempts: 3,
      backoff: { kind: 'fixed', initialMs: 60_000 },
    } as const;
    const { id } = await queue.enqueue('push', 'wrong', how);
    await environment.advance(61_000);
    const again = { ...how, onDuplicate: 'restart', priority: 'high' } as const;
    expect(await queue.enqueue('push', 'right', again)).toEqual({ id, status: 'replaced' });
    expect(await get(queue, id)).toMatchObject({ priority: 10, failures: 0, errors: [] });
    await environment.advance(600_000);
    expect(ran).toEqual(['wrong after 0', 'wrong after 60000', 'right after 61000', 'right after 121000']);
    expect(await count(queue)).toMatchObject({ dead: 0, completed: 1 });
  });

  it('with replace says what the job keeps of its own', async () => {
    const { queue } = working();
    const { id } = await queue.enqueue('push', 'old', { idempotencyKey: 'k', delayMs: 5_000 });
    const replace = { idempotencyKey: 'k', onDuplicate: 'replace', priority: 'high' } as const;
    expect(await queue.enqueue('push', 'new', replace)).toEqual({
      id,
      status: 'replaced',
      kept: ['priority', 'runAt'],
    });
  });

  it('with replace while the job runs is one follow-up, with the last payload, after it', async () => {
    const { queue, environment } = setScene(jobs);
    const ends = latch();
    const ran: string[] = [];
    work(queue, {
      push: async (word) => {
        ran.push(word);
        if (word === 'a') await ends.promise;
      },
    });
    await queue.enqueue('push', 'a', { idempotencyKey: 'k' });
    await environment.flush();
    const replace = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    expect(await queue.enqueue('push', 'ab', replace)).toMatchObject({ status: 'enqueued' });
    expect(await queue.enqueue('push', 'abc', replace)).toMatchObject({ status: 'replaced' });
    await environment.advance(60_000);
    expect(ran).toEqual(['a']);
    ends.open();
    await environment.flush();
    expect(ran).toEqual(['a', 'abc']);
  });
});

describe('an id of the caller', () => {
  it('is the id of the job, and enqueued again is one job', async () => {
    const { queue, environment, ran, start } = working();
    expect(await queue.enqueue('push', 'x', { id: 'mine' })).toEqual({ id: 'mine', status: 'enqueued' });
    expect(await queue.enqueue('push', 'y', { id: 'mine' })).toEqual({ id: 'mine', status: 'duplicate' });
    start();
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('is remembered for an hour after the job completed', async () => {
    const { queue, environment, ran, start } = working();
    start();
    await queue.enqueue('push', 'x', { id: 'mine' });
    await environment.advance(HOUR_MS - 1);
    expect(await queue.enqueue('push', 'x', { id: 'mine' })).toMatchObject({ status: 'duplicate' });
    await environment.advance(1);
    expect(await queue.enqueue('push', 'x', { id: 'mine' })).toMatchObject({ status: 'enqueued' });
    await environment.flush();
    expect(ran).toEqual(['x', 'x']);
  });

  it.each([
    [5_000, 4_999, 'duplicate'],
    [5_000, 5_000, 'enqueued'],
    [0, 0, 'enqueued'],
  ])(
    'is remembered for dedupeMs of the queue: with %i after %i ms it answers %s',
    async (dedupeMs, after, status) => {
      const { queue, environment, start } = working({ dedupeMs });
      start();
      await queue.enqueue('push', 'x', { id: 'mine' });
      await environment.advance(after);
      expect(await queue.enqueue('push', 'x', { id: 'mine' })).toMatchObject({ status });
    },
  );
});

describe('jobs of one lane', () => {
  it('run one at a time, in the order in which they were enqueued, across names', async () => {
    const { queue, environment } = setScene(jobs);
    const running = { now: 0, most: 0, ran: [] as string[] };
    const handler = async (word: string) => {
      running.ran.push(word);
      running.most = Math.max(running.most, ++running.now);
      await new Promise<void>((resolve) => {
        environment.setTimer(resolve, 10);
      });
      running.now -= 1;
    };
    for (let i = 0; i < 6; i++) await queue.enqueue(i % 2 ? 'push' : 'other', `${i}`, { lane: 'doc' });
    work(queue, { push: handler, other: handler }, { concurrency: 8 });
    await environment.advance(1_000);
    expect(running).toEqual({ now: 0, most: 1, ran: ['0', '1', '2', '3', '4', '5'] });
  });

  it('wait while the first of them waits for its retry', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'first', { lane: 'doc', backoff: { kind: 'fixed', initialMs: 1_000 } });
    await queue.enqueue('push', 'second', { lane: 'doc', priority: 'high' });
    const ran: string[] = [];
    work(queue, {
      push: (word, { attempt }) => {
        ran.push(word);
        if (word === 'first' && attempt === 1) throw new Error('no');
      },
    });
    await environment.advance(999);
    expect(ran).toEqual(['first']);
    await environment.advance(1);
    expect(ran).toEqual(['first', 'first', 'second']);
  });

  it('hold up no other lane', async () => {
    const { queue, environment, ran, start } = working();
    await queue.enqueue('push', 'a1', { lane: 'a', delayMs: 60_000 });
    await queue.enqueue('push', 'a2', { lane: 'a' });
    await queue.enqueue('push', 'b1', { lane: 'b' });
    start();
    await environment.flush();
    expect(ran).toEqual(['b1']);
  });

  it('are run by several workers one at a time as well', async () => {
    const { queue, environment } = setScene(jobs);
    for (let i = 0; i < 10; i++) await queue.enqueue('push', `${i}`, { lane: 'doc' });
    const ran: string[] = [];
    const drains = Promise.all([1, 2, 3].map(() => drain(queue, { push: (word) => void ran.push(word) })));
    await environment.advance(100);
    await ended(drains);
    expect(ran).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });
});
