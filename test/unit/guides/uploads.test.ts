import { memoryStore } from 'holdfast';
import { fakeEnvironment, fakeNetwork } from 'holdfast/testing';
import { expect, it, vi } from 'vitest';
import { openUploads } from './uploads.ts';

it('docs/guides/uploads.md: an upload goes on where it was when its server went away', async () => {
  const clock = fakeEnvironment();
  const network = fakeNetwork([200, 503, 200]);
  vi.stubGlobal('fetch', network.fetch);
  const file = new Blob([new Uint8Array(2.5 * 1024 * 1024)]);
  const { queue, start, upload } = openUploads(async () => file, {
    store: memoryStore(),
    environment: clock,
  });
  const worker = start();
  await upload('sea.mp4');
  await clock.until(new Promise((resolve) => queue.on('job:completed', resolve)));
  expect(network.requests.map(({ headers }) => headers.get('content-range')?.split('/')[0])).toEqual([
    'bytes 0-1048575',
    'bytes 1048576-2097151',
    'bytes 1048576-2097151',
    'bytes 2097152-2621439',
  ]);
  await worker.stop();
  await queue.close();
  vi.unstubAllGlobals();
});
