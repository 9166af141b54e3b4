import { createQueue, defineJobs, job, memoryStore } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';
import { showCount } from './badge.ts';

it('docs/guides/frameworks.md shows how much is still to be sent', async () => {
  const environment = fakeEnvironment();
  const jobs = defineJobs({ push: job<string>() });
  const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), environment });
  const badge = { textContent: '' };
  const stop = showCount(queue, badge);
  expect(badge.textContent).toBe('0 to send');
  await queue.enqueue('push', 'a');
  await environment.advance(100);
  expect(badge.textContent).toBe('1 to send');
  stop();
  await queue.close();
});
