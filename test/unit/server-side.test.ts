import { createQueue, job } from 'holdfast';
import { online } from 'holdfast/browser';
import { indexedDBStore } from 'holdfast/indexeddb';
import { expect, it } from 'vitest';

it('where there is no IndexedDB a queue over it can be made: only its use fails, and may be tried again', async () => {
  expect(globalThis.indexedDB).toBeUndefined();
  const jobs = { push: job<string>({ gate: online() }) };
  const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes') });
  await expect(queue.enqueue('push', 'x')).rejects.toMatchObject({ code: 'Store', retryable: true });
  await queue.close();
});
