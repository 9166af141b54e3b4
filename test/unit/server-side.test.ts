import { createQueue, job } from 'holdfast';
import { online } from 'holdfast/browser';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => void vi.unstubAllGlobals());

it('where there is no IndexedDB a queue over it can be made: only its use fails, and may be tried again', async () => {
  // What other tests in this process have brought.
  vi.stubGlobal('indexedDB', undefined);
  const jobs = { push: job<string>({ gate: online() }) };
  const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes') });
  await expect(queue.enqueue('push', 'x')).rejects.toMatchObject({ code: 'Store', retryable: true });
  await queue.close();
});
