import {
  cancel,
  count,
  drain,
  enqueueMany,
  fixed,
  get,
  JobCancelledError,
  job,
  list,
  memoryBacking,
  RetryLaterError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, latch, pass, setScene, untilAborted } from './scene.ts';

const jobs = { push: job<string>({ backoff: fixed({ delayMs: 1_000 }), maxAttempts: 3 }) };

/** A job that runs, the events it comes to, and its queue. */
async function running(
  push: (
    word: string,
    context: { signal: AbortSignal; release: (options?: { delayMs?: number }) => never },
  ) => unknown,
) {
  const scene = setScene(jobs);
  const { id } = await scene.queue.enqueue('push', 'x');
  const told: string[] = [];
  for (const name of ['job:completed', 'job:retried', 'job:released', 'job:dead'] as const)
    scene.queue.on(name, () => told.push(name));
  scene.queue.on('job:cancelled', (event) => told.push(`job:cancelled ${event.id === id}`));
  const worker = work(scene.queue, { push });
  await scene.environment.advance(100);
  return { ...scene, id, told, worker };
}

describe('a job that waits', () => {
  it('is cancelled at once, and never runs', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', { delayMs: 1_000 });
    const cancelled: string[] = [];
    queue.on('job:cancelled', (event) => cancelled.push(event.id));
    let runs = 0;
    work(queue, { push: () => void runs++ });
    expect(await cancel(queue, id)).toBe('cancelled');
    await environment.advance(60_000);
    expect(runs).toBe(0);
    expect(cancelled).toEqual([id]);
    expect(await get(queue, id)).toBeUndefined();
    expect(await count(queue)).toMatchObject({ pending: 0, cancelled: 1 });
  });

  it('for its retry is cancelled at once', async () => {
    const { queue, environment, id } = await running(() => Promise.reject(new Error('no')));
    expect(await cancel(queue, id)).toBe('cancelled');
    await environment.advance(60_000);
    expect(await count(queue)).toMatchObject({ pending: 0, dead: 0, cancelled: 1 });
  });

  it('in its lane is cancelled at once, and its lane goes on', async () => {
    const { queue, environment } = setScene(jobs);
    const [first, second] = await enqueueMany(
      queue,
      ['1', '2', '3'].map((payload) => ({ name: 'push', payload, lane: 'doc' })),
    );
    const ran: string[] = [];
    expect(await cancel(queue, second!.id)).toBe('cancelled');
    expect(await cancel(queue, first!.id)).toBe('cancelled');
    work(queue, { push: (word) => void ran.push(word) });
    await environment.flush();
    expect(ran).toEqual(['3']);
  });
});

describe('a job that runs', () => {
  it('is asked to stop: its signal is aborted with JobCancelledError, and it ends cancelled', async () => {
    let reason: unknown;
    const push: typeof untilAborted = (word, context) => {
      context.signal.addEventListener('abort', () => {
        reason = context.signal.reason;
      });
      return untilAborted(word, context);
    };
    const { queue, environment, id, told } = await running(push);
    expect(await cancel(queue, id)).toBe('requested');
    await environment.flush();
    expect(reason).toBeInstanceOf(JobCancelledError);
    expect((reason as Error).message).toContain(id);
    expect(told).toEqual(['job:cancelled true']);
    expect(await count(queue)).toMatchObject({ active: 0, pending: 0, cancelled: 1, dead: 0 });
  });

  it('completes if it completes first', async () => {
    const ends = latch();
    const { queue, environment, id, told } = await running(() => ends.promise);
    expect(await cancel(queue, id)).toBe('requested');
    await environment.advance(1_000);
    expect(await get(queue, id)).toMatchObject({ state: 'active' });
    ends.open();
    await environment.flush();
    expect(told).toEqual(['job:completed']);
    expect(await count(queue)).toMatchObject({ completed: 1, cancelled: 0 });
  });

  it.each<[string, () => never]>([
    [
      'an error',
      () => {
        throw new Error('no');
      },
    ],
    [
      'RetryLaterError',
      () => {
        throw new RetryLaterError({ delayMs: 5 });
      },
    ],
    [
      'a string',
      () => {
        throw 'no';
      },
    ],
  ])('ends cancelled when its handler then throws %s', async (_, fail) => {
    const { queue, environment, id, told } = await running((word, context) =>
      untilAborted(word, context).catch(fail),
    );
    await cancel(queue, id);
    await environment.flush();
    expect(told).toEqual(['job:cancelled true']);
    expect(await count(queue)).toMatchObject({ cancelled: 1, pending: 0 });
  });

  it('ends cancelled when its handler then releases it', async () => {
    const { queue, environment, id, told } = await running((word, context) =>
      untilAborted(word, context).catch(() => context.release()),
    );
    await cancel(queue, id);
    await environment.flush();
    expect(told).toEqual(['job:cancelled true']);
    expect(await count(queue)).toMatchObject({ cancelled: 1, pending: 0 });
  });

  it('and heeds nothing ends cancelled when its worker is stopped', async () => {
    const { queue, environment, id, told, worker } = await running(deaf);
    await cancel(queue, id);
    const stopped = worker.stop({ graceMs: 0 });
    await environment.advance(0);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ cancelled: 1, pending: 0, active: 0 });
    expect(told).toEqual(['job:cancelled true']);
  });

  it('in another opening is asked to stop by a hint', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: untilAborted });
    await environment.flush();
    expect(await cancel(other.queue, id)).toBe('requested');
    await environment.flush();
    expect(await count(queue)).toMatchObject({ cancelled: 1, active: 0 });
  });

  it('in another opening that hears no hints is asked to stop by its next heartbeat', async () => {
    const backing = memoryBacking();
    const { queue, environment, store } = setScene(jobs, { backing });
    delete (store as { onHint?: unknown }).onHint;
    const other = setScene(jobs, { backing, environment });
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: untilAborted }, { leaseMs: 30_000 });
    await environment.advance(1_000);
    await cancel(other.queue, id);
    await environment.advance(8_999);
    expect(await count(queue)).toMatchObject({ active: 1 });
    await environment.advance(1);
    expect(await count(queue)).toMatchObject({ cancelled: 1, active: 0 });
  });

  it('that was cancelled elsewhere and fails before it heard of that ends cancelled, and this is told', async () => {
    const backing = memoryBacking();
    const { queue, environment, store } = setScene(jobs, { backing });
    delete (store as { onHint?: unknown }).onHint;
    const other = setScene(jobs, { backing, environment });
    const { id } = await queue.enqueue('push', 'x');
    const told: string[] = [];
    queue.on('job:retried', () => told.push('retried'));
    queue.on('job:cancelled', (event) => told.push(`cancelled ${event.id === id}`));
    const ends = latch();
    work(queue, { push: () => ends.promise });
    await environment.flush();
    await cancel(other.queue, id);
    ends.fail(new Error('no'));
    await environment.flush();
    expect(told).toEqual(['cancelled true']);
    expect(await count(queue)).toMatchObject({ pending: 0, cancelled: 1 });
  });

  it('frees its slot for the next', async () => {
    const scene = await running((word, context) => (word === 'x' ? untilAborted(word, context) : undefined));
    await scene.queue.enqueue('push', 'y');
    await cancel(scene.queue, scene.id);
    await scene.environment.flush();
    expect(await count(scene.queue)).toMatchObject({ cancelled: 1, completed: 1 });
  });
});

it('a job that was claimed and has not begun ends cancelled and never runs', async () => {
  const { queue, environment } = setScene(jobs);
  const answers = await enqueueMany(
    queue,
    Array.from({ length: 60 }, (_, i) => ({ name: 'push', payload: `${i}` })),
  );
  const ran: string[] = [];
  work(queue, { push: (word) => pass(environment, 1).then(() => ran.push(word)) }, { concurrency: 1 });
  await environment.advance(25);
  const { jobs: active } = await list(queue, { state: 'active' });
  const waiting = active.at(-1)!;
  expect(ran).not.toContain(waiting.payload);
  expect(await cancel(queue, waiting.id)).toBe('requested');
  await environment.advance(1_000);
  expect(ran).toHaveLength(answers.length - 1);
  expect(ran).not.toContain(waiting.payload);
  expect(await count(queue)).toMatchObject({ cancelled: 1, completed: 59 });
});

it.each([
  ['a job that completed', 'unknown'],
  ['a job that is dead', 'finished'],
  ['a job that never was', 'unknown'],
])('cancelling %s answers %s', async (what, answer) => {
  const { queue, environment } = setScene(jobs);
  const { id } = await queue.enqueue('push', 'x', { maxAttempts: 1 });
  const drained = drain(queue, {
    push: () => what === 'a job that is dead' && Promise.reject(new Error('no')),
  });
  await environment.flush();
  await ended(drained);
  expect(await cancel(queue, what === 'a job that never was' ? 'nobody' : id)).toBe(answer);
  expect(await count(queue)).toMatchObject({ cancelled: 0 });
});

it('cancelling twice answers the same, and aborts once', async () => {
  let aborts = 0;
  const push = (_: string, { signal }: { signal: AbortSignal }) => {
    signal.addEventListener('abort', () => void aborts++);
    return deaf();
  };
  const { queue, environment, id } = await running(push);
  expect(await cancel(queue, id)).toBe('requested');
  expect(await cancel(queue, id)).toBe('requested');
  await environment.flush();
  expect(aborts).toBe(1);
});

it('the lane of a cancelled job goes on when its handler has ended', async () => {
  const { queue, environment } = setScene(jobs);
  const [first] = await enqueueMany(
    queue,
    ['1', '2'].map((payload) => ({ name: 'push', payload, lane: 'doc' })),
  );
  const ran: string[] = [];
  const push = async (word: string, context: { signal: AbortSignal }) => {
    ran.push(word);
    if (word === '2') return;
    await untilAborted(word, context).catch(() => pass(environment, 500));
    throw new Error('late');
  };
  work(queue, { push });
  await environment.flush();
  await cancel(queue, first!.id);
  await environment.advance(499);
  expect(ran).toEqual(['1']);
  await environment.advance(1);
  expect(ran).toEqual(['1', '2']);
});
