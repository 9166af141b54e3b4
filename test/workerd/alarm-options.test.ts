import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { count, defineJobs, enqueueMany, fixed, job, UnreachableError } from 'holdfast';
import { type DurableObjectQueue, durableObjectQueue, type OnAlarmOptions } from 'holdfast/edge';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const jobs = defineJobs({ send: job<number>({ backoff: fixed({ delayMs: 0 }) }) });
type Handlers = Parameters<DurableObjectQueue<typeof jobs>['onAlarm']>[0];

interface Object {
  readonly queue: DurableObjectQueue<typeof jobs>;
  readonly environment: FakeEnvironment;
  /** What an alarm comes to that is given so much time. */
  alarm(handlers: Handlers, options: OnAlarmOptions, ms?: number): ReturnType<Object['queue']['onAlarm']>;
}

/** An object whose clock stands still, and whose alarm is never run but by the test. */
const inFreshObject = (act: (object: Object) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, { storage }) => {
    const own = {
      sql: storage.sql,
      transactionSync: <T>(closure: () => T) => storage.transactionSync(closure),
      getAlarm: async () => null,
      setAlarm: async () => undefined,
    };
    const environment = fakeEnvironment();
    const queue = durableObjectQueue({ storage: own }, { name: 'mail', jobs, environment });
    return act({
      queue,
      environment,
      async alarm(handlers, options, ms = 0) {
        const drained = queue.onAlarm(handlers, undefined, options);
        await environment.advance(ms);
        return drained;
      },
    });
  });

const many = (count: number) =>
  Array.from({ length: count }, (_, payload) => ({ name: 'send' as const, payload }));
const never = () => new Promise<void>(() => undefined);

describe('an alarm works as its options say, as a drain does', () => {
  it('and ends after so many jobs', () =>
    inFreshObject(async ({ queue, alarm }) => {
      await enqueueMany(queue, many(3));
      const handlers = { send: () => undefined };
      expect(await alarm(handlers, { maxJobs: 1 })).toMatchObject({ completed: 1 });
      expect(await alarm(handlers, {})).toMatchObject({ completed: 2 });
    }));

  it('and gives a handler that is deaf to its signal no more grace than is asked for', () =>
    inFreshObject(async ({ queue, alarm }) => {
      await queue.enqueue('send', 1, { timeoutMs: 1, maxAttempts: 1 });
      const drained = await alarm({ send: never }, { timeoutGraceMs: 0 }, 1);
      expect(drained).toMatchObject({ dead: 1 });
    }));

  it.each([
    ['16 handlers at a time', {}, 16],
    ['as many as it says', { concurrency: 3 }, 3],
  ])('and runs %s', (_, options, most) =>
    inFreshObject(async ({ queue, environment, alarm }) => {
      await enqueueMany(queue, many(20));
      let begun = 0;
      const send = () => {
        begun += 1;
        return new Promise<void>((resolve) => environment.setTimer(resolve, SECOND));
      };
      const drained = alarm({ send }, options);
      await environment.flush();
      expect(begun).toBe(most);
      await environment.advance(MINUTE);
      expect(await drained).toMatchObject({ completed: 20 });
    }),
  );

  it.each([
    ['ten minutes', {}, 10 * MINUTE],
    ['as long as it says', { budgetMs: 5 * SECOND }, 5 * SECOND],
  ])('and works for %s, and gives back what is not done', (_, options, budgetMs) =>
    inFreshObject(async ({ queue, environment, alarm }) => {
      await enqueueMany(queue, many(2));
      const send = (n: number) =>
        new Promise<void>((resolve) => environment.setTimer(resolve, n === 0 ? budgetMs - 1 : MINUTE));
      const began = environment.now();
      let endedAt = 0;
      const drained = alarm({ send }, { concurrency: 1, ...options }, budgetMs + 20 * SECOND);
      void queue.on('job:released', () => {
        endedAt ||= environment.now() - began;
      });
      expect(await drained).toMatchObject({ completed: 1, released: 1 });
      expect(endedAt).toBeGreaterThanOrEqual(budgetMs);
      expect(await count(queue)).toMatchObject({ pending: 1, active: 0 });
    }),
  );

  it.each([
    ['ten minutes', {}, 10 * MINUTE],
    ['as long as it says', { overlapAfterMs: 3 * SECOND }, 3 * SECOND],
  ])('and keeps a job from beginning beside its deaf handler for %s', (_, options, patienceMs) =>
    inFreshObject(async ({ queue, environment, alarm }) => {
      await queue.enqueue('send', 1, { timeoutMs: SECOND });
      const begun: number[] = [];
      const send = () => {
        begun.push(environment.now());
        return never();
      };
      const how = { timeoutGraceMs: 0, budgetMs: SECOND, ...options };
      await alarm({ send }, how, SECOND);
      const leftAt = environment.now();
      while (begun.length < 2 && environment.now() < leftAt + patienceMs + MINUTE)
        await alarm({ send }, how, SECOND);
      expect(begun).toHaveLength(2);
      const keptMs = (begun[1] as number) - leftAt;
      expect(keptMs).toBeGreaterThanOrEqual(patienceMs);
      expect(keptMs).toBeLessThan(patienceMs + 2 * SECOND);
    }),
  );

  it('and waits for what is soon due, also when it comes early', () =>
    inFreshObject(async ({ queue, alarm }) => {
      const handlers = { send: () => undefined };
      await queue.enqueue('send', 1, { delayMs: 5 * SECOND });
      expect(await alarm(handlers, {})).toMatchObject({ completed: 0 });
      expect(await alarm(handlers, { waitFor: 4 * SECOND })).toMatchObject({ completed: 0 });
      expect(await alarm(handlers, { waitFor: 6 * SECOND }, 6 * SECOND)).toMatchObject({ completed: 1 });
      await queue.enqueue('send', 2, { delayMs: 5 * MINUTE });
      expect(await alarm(handlers, { waitFor: 'empty' }, 5 * MINUTE)).toMatchObject({ completed: 1 });
    }));

  it('and lifts the waits for targets', () =>
    inFreshObject(async ({ queue, environment, alarm }) => {
      await queue.enqueue('send', 1);
      const away = () => {
        throw new UnreachableError('nobody answered');
      };
      for (let tries = 0; tries < 6; tries += 1) {
        await alarm({ send: away }, { lift: true });
        await environment.advance(6 * SECOND);
      }
      const back = { send: () => undefined };
      expect(await alarm(back, {})).toMatchObject({ completed: 0 });
      expect(await alarm(back, { lift: true })).toMatchObject({ completed: 1 });
    }));

  it('and ends when its signal is aborted', () =>
    inFreshObject(async ({ queue, environment, alarm }) => {
      await enqueueMany(queue, many(2));
      const stop = new AbortController();
      let begun = 0;
      const send = () => {
        begun += 1;
        stop.abort();
        return new Promise<void>((resolve) => environment.setTimer(resolve, SECOND));
      };
      expect(await alarm({ send }, { concurrency: 1, signal: stop.signal }, 2 * SECOND)).toMatchObject({
        completed: 1,
      });
      expect(begun).toBe(1);
      expect(await count(queue)).toMatchObject({ pending: 1 });
    }));
});
