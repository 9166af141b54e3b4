import { createQueue, defineJobs, flows, job, send } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

export const queue = createQueue({
  name: 'loading',
  jobs: defineJobs({ post: job<{ path: string }>() }),
  store: indexedDBStore('loading'),
  use: [flows()],
});

export const handlers = {
  post: async ({ path }: { readonly path: string }, { job }: { readonly job: { readonly id: string } }) => {
    await send(path, { method: 'POST', headers: { 'idempotency-key': job.id } });
  },
};
