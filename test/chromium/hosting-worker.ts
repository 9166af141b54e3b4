import { createQueue, defineJobs, flows, job, results, work } from 'holdfast';
import { hostQueue, workerPool } from 'holdfast/comlink';
import { indexedDBStore } from 'holdfast/indexeddb';
import { everything } from '../unit/everything.ts';

const backoff = { kind: 'fixed', initialMs: 0, jitter: 'none' } as const;

export const jobs = defineJobs({
  push: job<unknown>({ maxAttempts: 1 }),
  /** Only pages work on it. */
  shown: job<string>({ maxAttempts: 3 }),
  /** In a pool. */
  spin: job<string>({ maxAttempts: 2, backoff, timeoutMs: 300 }),
  /** The same, and whatever it does to its thread, no time limit is faster than that is noticed. */
  end: job<string>({ maxAttempts: 2, backoff }),
});
export type Jobs = typeof jobs;

/** A worker of the tests: it is told by its name which database is its. `?empty` in its address: it hosts nothing. */
if (!('document' in globalThis) && !location.search.includes('empty')) {
  const { name } = globalThis as unknown as { readonly name: string };
  const queue = createQueue({
    name: 'sync',
    jobs,
    store: indexedDBStore(name),
    use: [results(), flows()],
    maxDepth: 12_000,
  });
  hostQueue(queue, everything);
  const url = new URL('./pool-thread.ts', import.meta.url);
  const pool =
    'Worker' in globalThis
      ? workerPool(() => new Worker(url, { type: 'module' }), {
          names: ['spin', 'end'],
          size: 2,
          timeoutGraceMs: 50,
        })
      : undefined;
  work(queue, {
    push: (payload) => {
      if (payload === 'close') self.close();
      if (payload === 'refuse') throw new Error('no');
      return payload;
    },
    ...pool?.handlers,
  });
  addEventListener('message', ({ data }) => {
    if (data === 'threads') postMessage({ threads: pool?.threads });
  });
}
