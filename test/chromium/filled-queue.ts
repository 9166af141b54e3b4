import { drain, hold, type JobDefinition, type KeyOptions, type Queue } from 'holdfast';

/** Has in every table of a store something of the queue: each kind of job, a lane, records, a hold and counts. */
export async function fillQueue(
  queue: Queue<{ readonly push: JobDefinition<string> }, KeyOptions>,
): Promise<void> {
  await queue.enqueue('push', 'done', { id: 'done' });
  await queue.enqueue('push', 'dies', { id: 'dies', maxAttempts: 1 });
  await drain(queue, { push: (word) => word === 'dies' && Promise.reject(new Error('no')) });
  await queue.enqueue('push', 'key', { idempotencyKey: 'k', keyForMs: 90_000, maxAgeMs: 90_000 });
  await queue.enqueue('push', 'later', { delayMs: 90_000 });
  for (const lane of ['a', 'a', 'a', 'b']) await queue.enqueue('push', lane, { lane });
  await hold(queue, 'push', Date.now() + 90_000);
}
