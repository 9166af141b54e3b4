import { createQueue, DeadLetterError, defineJobs, drain, job, memoryStore, pause } from 'holdfast';
import { expect, it } from 'vitest';
import { whyNot } from './why-not.ts';

it('docs/troubleshooting.md says why a job is not running', async () => {
  const jobs = defineJobs({ push: job<string>() });
  await using queue = createQueue({ name: 'sync', jobs, store: memoryStore() });
  const { id } = await queue.enqueue('push', 'a');
  await pause(queue);
  expect(await whyNot(queue, id)).toEqual(['paused', 'no-worker']);
  const other = createQueue({ name: 'other', jobs, store: memoryStore() });
  const { id: dead } = await other.enqueue('push', 'a');
  await drain(other, {
    push: () => {
      throw new DeadLetterError('no title');
    },
  });
  expect(await whyNot(other, dead)).toEqual(['DeadLetterError: no title']);
  expect((await whyNot(other, 'gone'))[0]).toMatch('it is not there');
  await other.close();
});
