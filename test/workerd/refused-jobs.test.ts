import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { count, job, prepare } from 'holdfast';
import { durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';

const inFreshObject = (act: (state: DurableObjectState) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => act(state));

const jobs = { send: job<unknown>() };

describe('a job that is refused in a transaction of an object', () => {
  it.each([
    ['as the queue is full', { maxDepth: 1 }, 'x', 'QueueFull'],
    ['as its payload is too large', {}, 'x'.repeat(3_000_000), 'Payload'],
  ])('takes back what the object wrote there: %s', (_, limits, payload, code) =>
    inFreshObject(async (state) => {
      const { storage } = state;
      const queue = durableObjectQueue(state, { name: 'mail', jobs, ...limits });
      storage.sql.exec('CREATE TABLE letters (id TEXT)');
      await queue.enqueue('send', 'first', { delayMs: 3_600_000 });
      const prepared = await prepare(queue, 'send', payload);
      const both = () =>
        storage.transactionSync(() => {
          storage.sql.exec("INSERT INTO letters (id) VALUES ('a')");
          prepared.addTo(storage);
        });
      expect(both).toThrow(expect.objectContaining({ code }));
      expect(storage.sql.exec('SELECT * FROM letters').toArray()).toEqual([]);
      expect(await count(queue)).toMatchObject({ pending: 1 });
    }),
  );
});
