import { fixed, get, job, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { hostileRecipes, isPolluted, type Recipe } from './hostile-values.ts';
import { setScene } from './scene.ts';

const refuse = (): never => {
  throw new TypeError('a hostile error');
};
const getters = (...keys: string[]) =>
  Object.defineProperties(new Error('x'), Object.fromEntries(keys.map((key) => [key, { get: refuse }])));

const errors: readonly (readonly [string, Recipe])[] = [
  ['a frozen error', () => Object.freeze(new Error('frozen'))],
  [
    'an error with a stack of 10 MB',
    () => Object.assign(new Error('long'), { stack: 's'.repeat(10_000_000) }),
  ],
  ['an error with a message of 10 MB', () => new Error('m'.repeat(10_000_000))],
  ['an error with a name of 10 MB', () => Object.assign(new Error('x'), { name: 'n'.repeat(10_000_000) })],
  ['an error whose name throws', () => getters('name')],
  ['an error whose stack and message throw', () => getters('stack', 'message')],
  ['an error whose code throws', () => getters('code')],
  ['an error whose cause is itself', () => Object.assign(new Error('x'), { cause: refuse })],
  [
    'a RetryLater whose delay throws',
    () => Object.assign(getters('delayMs', 'hold'), { code: 'RetryLater' }),
  ],
  [
    'a RetryLater of no end',
    () => Object.assign(new Error('x'), { code: 'RetryLater', delayMs: Number.POSITIVE_INFINITY }),
  ],
  ['a message that is an object', () => Object.assign(new Error('x'), { message: { toString: refuse } })],
  ['a stack that is a symbol', () => Object.assign(new Error('x'), { stack: Symbol('s') })],
  ['a proxy of an error', () => new Proxy(new Error('x'), { get: refuse, getPrototypeOf: refuse })],
];

describe('a handler that throws', () => {
  it.each([...errors, ...hostileRecipes])(
    '%s has failed its attempt, with an error of bounded text',
    async (_, make) => {
      const { queue, environment } = setScene({
        push: job({ backoff: fixed({ delayMs: 100 }), maxAttempts: 2 }),
      });
      const told: unknown[] = [];
      queue.on('worker:error', ({ error }) => told.push(error));
      await queue.enqueue('push', null, { id: 'x' });
      const worker = work(queue, {
        push: () => {
          throw make();
        },
      });
      await environment.flush();
      expect(told).toEqual([]);
      const [error] = (await get(queue, 'x'))?.errors ?? [];
      expect(await get(queue, 'x')).toMatchObject({
        state: 'pending',
        failures: 1,
        errors: [{ attempt: 1 }],
      });
      expect(Number(error?.name.length)).toBeLessThanOrEqual(100);
      expect(Number(error?.message.length) + (error?.stack?.length ?? 0)).toBeLessThanOrEqual(2_048);
      expect(isPolluted()).toBe(false);
      const stopped = worker.stop({ graceMs: 0 });
      await environment.flush();
      await stopped;
    },
  );
});
