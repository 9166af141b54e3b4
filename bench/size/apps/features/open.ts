import { createQueue, defineJobs, type Feature, job, memoryStore, work } from 'holdfast';

/** What an app has that uses no feature, or one. */
export function open(use: readonly Feature[] = []): void {
  const jobs = defineJobs({ push: job<string>() });
  const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), use });
  addEventListener('save', () => void queue.enqueue('push', 'a note'));
  work(queue, {
    push: async (note) => {
      await fetch('/notes', { method: 'POST', body: note });
    },
  });
}
