import 'fake-indexeddb/auto';
import { count, createQueue, drain, enqueueMany, job, result, results, watch, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, describe, expect, it } from 'vitest';
import { freshName } from '../chromium/database.ts';
import { brokenPlatforms } from './broken-platforms.ts';

const before = new Map(
  [
    'BroadcastChannel',
    'navigator',
    'addEventListener',
    'removeEventListener',
    'crypto',
    'MessageChannel',
  ].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const),
);
afterEach(() => {
  for (const [name, descriptor] of before) {
    Reflect.deleteProperty(globalThis, name);
    if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
  }
});

describe('a platform that keeps something back', () => {
  it.each(brokenPlatforms.filter(({ pageOnly }) => pageOnly !== true))(
    '$name: jobs are enqueued, run and heard of, and nothing is thrown',
    async ({ break: breakIt }) => {
      const name = freshName();
      breakIt();
      const queue = createQueue({
        name: 'sync',
        jobs: { push: job<string>() },
        store: indexedDBStore(name),
        use: [results()],
      });
      const errors: unknown[] = [];
      queue.on('worker:error', ({ error }) => errors.push(error));
      const off = watch(queue).subscribe(() => undefined);
      const worker = work(queue, { push: (text) => text.length });
      const { id } = await queue.enqueue('push', 'four', { keepResultMs: 60_000 });
      expect(await result(queue, id)).toBe(4);
      await enqueueMany(queue, [{ name: 'push', payload: 'x' }]);
      await worker.stop();
      await drain(queue, { push: () => 0 });
      expect(await count(queue)).toMatchObject({ pending: 0, active: 0, dead: 0 });
      off();
      await queue.close();
      expect(errors).toEqual([]);
    },
  );
});
