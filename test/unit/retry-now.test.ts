import {
  createQueue,
  drain,
  enqueueMany,
  fixed,
  job,
  memoryStore,
  retryNow,
  UnreachableError,
  work,
} from 'holdfast';
import { expect, it } from 'vitest';
import { ended, setScene } from './scene.ts';

const HOUR_MS = 3_600_000;
const jobs = { push: job<string>({ backoff: fixed({ delayMs: HOUR_MS }) }), mail: job<string>() };

it('wakes the worker of this context at once', async () => {
  const { queue, environment, elapsed } = setScene(jobs);
  await queue.enqueue('push', 'x');
  const at: number[] = [];
  const worker = work(queue, {
    push: () => {
      at.push(elapsed());
      if (at.length === 1) throw new Error('no');
    },
  });
  await environment.advance(5_000);
  const retrying = retryNow(queue);
  await environment.flush();
  expect(await ended(retrying)).toEqual({ due: 1 });
  expect(at).toEqual([0, 5_000]);
  await worker.stop();
});

it('asks a server again that was down, and sends what waits for it', async () => {
  const { queue, environment } = setScene(jobs);
  for (const word of ['a', 'b', 'c', 'd']) await queue.enqueue('mail', word);
  let isUp = false;
  const sent: string[] = [];
  const worker = work(queue, {
    mail: (word) => {
      if (!isUp) throw new UnreachableError('nobody is there');
      sent.push(word);
    },
  });
  await environment.advance(HOUR_MS);
  isUp = true;
  await environment.advance(1_000);
  expect(sent).toEqual([]);
  const retrying = retryNow(queue);
  await environment.advance(100);
  await ended(retrying);
  expect(sent.sort()).toEqual(['a', 'b', 'c', 'd']);
  await worker.stop();
});

it('goes through all jobs, however many wait', async () => {
  const { queue, environment } = setScene(jobs);
  await enqueueMany(
    queue,
    Array.from({ length: 250 }, (_, i) => ({ name: 'push', payload: `${i}` })),
  );
  const draining = drain(queue, { push: () => Promise.reject(new Error('no')) });
  await environment.advance(1_000);
  await ended(draining);
  const retrying = retryNow(queue, { name: 'push' });
  await environment.flush();
  expect(await ended(retrying)).toEqual({ due: 250 });
});

it.each([
  [{ names: [] }, 'filter is "names"'],
  [{ name: 'none' }, 'job "none" is not defined'],
  [{ tag: 5 }, 'tag is 5'],
  [{ ids: 'x' }, 'ids is "x": expected an array'],
  [{ ids: [''] }, 'id is ""'],
  [{ ids: ['x'], name: 'push' }, 'ids is an array: expected ids without name and tag'],
])('a filter of %o is refused, and nothing is done', async (filter, message) => {
  const { queue, store } = setScene(jobs);
  await expect(retryNow(queue, filter as never)).rejects.toThrow(message);
  expect(store.callsOf('retryNow')).toBe(0);
});

it('refuses what is no queue', async () => {
  await expect(retryNow({ name: 'sync' } as never)).rejects.toThrow('queue is an object: expected a queue');
});

it('rejects once the queue is closed', async () => {
  const queue = createQueue({ name: 'sync', jobs, store: memoryStore() });
  await queue.close();
  await expect(retryNow(queue)).rejects.toMatchObject({ code: 'StoreClosed' });
});
