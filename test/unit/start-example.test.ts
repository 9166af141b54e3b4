import 'fake-indexeddb/auto';
import { edit, list } from 'holdfast';
import { expect, it, vi } from 'vitest';

it('docs/start.md: Ada is greeted at once, Bob at his second attempt, and Eve waits for her time', async () => {
  const said: unknown[] = [];
  let hear = () => {};
  vi.spyOn(console, 'log').mockImplementation((line) => {
    said.push(line);
    hear();
  });
  const heard = (line: string) =>
    new Promise<void>((resolve) => {
      hear = () => said.includes(line) && resolve();
      hear();
    });
  const { queue } = await import('./start-example/queue.ts');
  await heard('Hello Ada, at attempt 1');
  const { jobs } = await list(queue, { state: 'pending' });
  expect(jobs).toMatchObject([{ payload: { name: 'Bob' } }]);
  // Instead of five seconds, and the pause before his second attempt.
  const bob = jobs[0]?.id ?? '';
  const failed = new Promise((resolve) => queue.on('job:retried', resolve));
  await edit(queue, bob, { delayMs: 0 });
  await failed;
  await edit(queue, bob, { delayMs: 0 });
  await heard('Hello Bob, at attempt 2');
  await import('./start-example/look.ts');
  expect(said.at(-1)).toMatchObject([{ why: 'not-due' }]);
  await queue.close();
  vi.restoreAllMocks();
});
