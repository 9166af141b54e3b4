import { expect, it } from 'vitest';
import { describeJob, queue, shrink, worker } from './types-example.ts';

it('what the example about types shows is what comes of it', async () => {
  const { id } = await queue.enqueue('mail.send', { to: 'ada' }, { delayMs: 60_000 });
  expect(await describeJob(id)).toBe('a mail to ada');
  expect(await describeJob('nobody')).toBe(undefined);
  expect(await shrink({ name: 'cat', pixels: new Uint8Array(4) })).toBe('/small/cat');
  await worker.stop();
  await queue.close();
});
