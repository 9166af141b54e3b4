import 'fake-indexeddb/auto';
import { count, createQueue, job, StoreError, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { freshName } from '../chromium/database.ts';

/** A queue with a worker that sleeps, and the names of what its store is asked. */
async function scene() {
  const inner = indexedDBStore(freshName());
  const asked: string[] = [];
  let refuse = (_name: string) => false;
  const store: typeof inner = {
    ...inner,
    transact: async (transaction) => {
      asked.push(transaction.name);
      if (!refuse(transaction.name)) return inner.transact(transaction);
      // It is sent, and then aborted.
      transaction.onSent?.();
      throw new StoreError('the disk is full', { retryable: false });
    },
  };
  const environment = fakeEnvironment();
  const queue = createQueue({ name: 'sync', jobs: { push: job<string>() }, store, environment });
  const ran: string[] = [];
  work(queue, { push: (word) => void ran.push(word) });
  const completed = () => new Promise((resolve) => queue.on('job:completed', resolve));
  const first = completed();
  await queue.enqueue('push', 'first');
  await environment.until(first);
  await environment.flush();
  asked.length = 0;
  return {
    queue,
    environment,
    completed,
    asked,
    ran,
    refuseNext: (name: string) => {
      refuse = (asked) => {
        if (asked !== name) return false;
        refuse = () => false;
        return true;
      };
    },
  };
}

describe('a worker that sleeps, over IndexedDB', () => {
  it('asks behind an enqueue of its context before that is answered, and once', async () => {
    const { queue, environment, asked } = await scene();
    await queue.enqueue('push', 'later', { delayMs: 60_000 });
    expect(asked).toEqual(['enqueue', 'exchange']);
    // Each stands behind what was asked before it.
    for (let i = 0; i < 3; i++) {
      await count(queue);
      await environment.flush();
    }
    expect(asked.filter((name) => name !== 'count')).toEqual(['enqueue', 'exchange']);
  });

  it('finds nothing behind an enqueue that is refused, and the next one all the same', async () => {
    const { queue, environment, completed, ran, refuseNext } = await scene();
    refuseNext('enqueue');
    await expect(queue.enqueue('push', 'refused')).rejects.toThrow('the disk is full');
    const next = completed();
    await queue.enqueue('push', 'next');
    await environment.until(next);
    expect(ran).toEqual(['first', 'next']);
  });
});
