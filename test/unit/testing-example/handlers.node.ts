import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { memoryStore } from 'holdfast';
import { drainAll, fakeEnvironment, fakeNetwork } from 'holdfast/testing';
import { handlers, noteQueue } from './note-queue.ts';

test('a note that waits for an hour is sent then', async () => {
  const network = fakeNetwork(['offline', 200]);
  mock.method(globalThis, 'fetch', network.fetch);
  const queue = noteQueue({ store: memoryStore(), environment: fakeEnvironment() });
  await queue.enqueue('note.push', { id: 'a', text: 'Buy kelp' }, { delayMs: 3_600_000 });
  const { completed, retried, elapsedMs } = await drainAll(queue, handlers);
  assert.deepEqual({ completed, retried }, { completed: 1, retried: 1 });
  assert.ok(elapsedMs >= 3_600_000);
  await queue.close();
});
