import { createQueue, defineJobs, job, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({ greet: job<{ name: string }>() });
export const queue = createQueue({ name: 'first', jobs, store: indexedDBStore('first-app') });

work(queue, {
  greet: async ({ name }, { attempt }) => {
    if (name === 'Bob' && attempt === 1) throw new Error('I did not catch the name');
    console.log(`Hello ${name}, at attempt ${attempt}`);
  },
});

await queue.enqueue('greet', { name: 'Ada' });
await queue.enqueue('greet', { name: 'Bob' }, { delayMs: 5_000 });
