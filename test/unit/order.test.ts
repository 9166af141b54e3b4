import { createQueue, defineJobs, job, memoryStore } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';

it('runs high, medium, low, though they were queued in the opposite order', async () => {
  const environment = fakeEnvironment();
  const jobs = defineJobs({ say: job<string>() });
  const queue = createQueue({ name: 'q', jobs, store: memoryStore(), environment });
  await queue.enqueue('say', 'low', { priority: 'low' });
  await queue.enqueue('say', 'medium');
  await queue.enqueue('say', 'high', { priority: 'high' });
  const said: string[] = [];
  const drained = queue.drain({ say: (word) => void said.push(word) }, { concurrency: 1 });
  await environment.flush();
  await drained;
  expect(said).toEqual(['high', 'medium', 'low']);
});
