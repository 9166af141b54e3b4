// @vitest-environment happy-dom
import { memoryStore } from 'holdfast';
import { drainAll, expectEnqueued, fakeEnvironment, fakeNetwork } from 'holdfast/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { handlers, noteQueue } from './note-queue.ts';
import { saveButton } from './save-button.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('a click keeps the note, and sends it when the server is back', async () => {
  const clock = fakeEnvironment();
  const network = fakeNetwork(['offline', 503, 200]);
  vi.stubGlobal('fetch', network.fetch);
  await using queue = noteQueue({ store: memoryStore(), environment: clock });
  const form = saveButton(queue, 'a');
  form.querySelector('textarea')!.value = 'Buy kelp';
  form.querySelector('button')!.click();
  await expectEnqueued(queue, 'note.push', { text: 'Buy kelp' }, { lane: 'a' });
  expect(await drainAll(queue, handlers)).toMatchObject({ completed: 1, left: [] });
  expect(network.requests).toHaveLength(3);
});
