import { createQueue, defineJobs, drain, job, memoryStore } from 'holdfast';
import { expect, it } from 'vitest';
import { openNotes } from './deploys.ts';

it('docs/guides/deploys.md: a note of the release before has its title when it is pushed', async () => {
  const store = memoryStore();
  const before = createQueue({
    name: 'sync',
    jobs: defineJobs({ 'note.push': job<{ id: string; text: string }>() }),
    store,
  });
  await before.enqueue('note.push', { id: 'a', text: 'Buy kelp' });
  const queue = openNotes({ store }, () => {});
  const pushed: unknown[] = [];
  await drain(queue, { 'note.push': (note) => void pushed.push(note) });
  expect(pushed).toEqual([{ id: 'a', title: 'Buy kelp', text: 'Buy kelp' }]);
  await queue.close();
});
