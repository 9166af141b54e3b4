import { count, defineJobs, drain, get, job, QueueFullError, work } from 'holdfast';
import { expect, it } from 'vitest';
import { deaf, ended, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>() });

it('a full queue refuses with QueueFullError, which says how full, and stores nothing', async () => {
  const { queue } = setScene(jobs, { maxDepth: 2 });
  await queue.enqueue('push', 'a');
  await queue.enqueue('push', 'b');
  const before = await count(queue);
  const refused = queue.enqueue('push', 'c');
  await expect(refused).rejects.toThrow(
    'queue "sync" is full: this enqueue would make 3, maxDepth is 2; nothing was stored',
  );
  await expect(refused).rejects.toBeInstanceOf(QueueFullError);
  await expect(refused).rejects.toMatchObject({ code: 'QueueFull' });
  expect(await count(queue)).toEqual(before);
});

it('a queue that is full by bytes refuses, and stores nothing', async () => {
  const { queue } = setScene(jobs, { maxBytes: 1_500 });
  await queue.enqueue('push', 'a'.repeat(1_000));
  const before = await count(queue);
  await expect(queue.enqueue('push', 'b'.repeat(1_000))).rejects.toThrow(/maxBytes is 1500/);
  expect(await count(queue)).toEqual(before);
});

it('running jobs count towards the depth', async () => {
  const { queue, environment } = setScene(jobs, { maxDepth: 1 });
  await queue.enqueue('push', 'a');
  work(queue, { push: deaf });
  await environment.flush();
  await expect(queue.enqueue('push', 'b')).rejects.toThrow(QueueFullError);
});

it('a full queue accepts again when a job has ended', async () => {
  const { queue, environment } = setScene(jobs, { maxDepth: 1 });
  await queue.enqueue('push', 'a');
  await expect(queue.enqueue('push', 'b')).rejects.toThrow(QueueFullError);
  const drained = drain(queue, { push: () => {} });
  await environment.flush();
  await ended(drained);
  expect(await queue.enqueue('push', 'b')).toMatchObject({ status: 'enqueued' });
});

it('a full queue still answers duplicate for what it holds', async () => {
  const { queue } = setScene(jobs, { maxDepth: 1 });
  const { id } = await queue.enqueue('push', 'a', { idempotencyKey: 'k' });
  expect(await queue.enqueue('push', 'a', { idempotencyKey: 'k' })).toEqual({ id, status: 'duplicate' });
});

it('retries are never refused', async () => {
  const { queue, environment } = setScene(jobs, { maxDepth: 1 });
  const { id } = await queue.enqueue('push', 'a');
  work(queue, { push: () => Promise.reject(new Error('no')) });
  await environment.flush();
  expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 1 });
});
