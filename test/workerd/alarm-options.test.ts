import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { defineJobs, job } from 'holdfast';
import { type DurableObjectQueue, durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';

const jobs = defineJobs({ send: job<number>() });

/** An object whose alarm is never run but by the test. */
const inFreshObject = (act: (queue: DurableObjectQueue<typeof jobs>) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, { storage }) => {
    const own = {
      sql: storage.sql,
      transactionSync: <T>(closure: () => T) => storage.transactionSync(closure),
      getAlarm: async () => null,
      setAlarm: async () => undefined,
    };
    return act(durableObjectQueue({ storage: own }, { name: 'mail', jobs }));
  });

describe('an alarm works as its options say, as a drain does', () => {
  it('and ends after so many jobs', () =>
    inFreshObject(async (queue) => {
      await queue.enqueueMany([1, 2, 3].map((payload) => ({ name: 'send' as const, payload })));
      const handlers = { send: () => undefined };
      expect(await queue.onAlarm(handlers, undefined, { maxJobs: 1 })).toMatchObject({ completed: 1 });
      expect(await queue.onAlarm(handlers)).toMatchObject({ completed: 2 });
    }));

  it('and gives a handler that is deaf to its signal no more grace than is asked for', () =>
    inFreshObject(async (queue) => {
      await queue.enqueue('send', 1, { timeoutMs: 1, maxAttempts: 1 });
      const deaf = { send: () => new Promise<void>(() => undefined) };
      const drained = await queue.onAlarm(deaf, undefined, { timeoutGraceMs: 0 });
      expect(drained).toMatchObject({ dead: 1 });
    }));
});
