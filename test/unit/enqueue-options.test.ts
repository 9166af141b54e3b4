import {
  count,
  defineJobs,
  type EnqueueOptions,
  enqueueMany,
  InvalidOptionError,
  job,
  keys,
  UnknownJobError,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { type Scene, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });
const text = 'a text of 1 to 512 characters without control characters';
const priorities = '"high", "normal", "low" or a whole number from -100 to 100';

async function isRefused({ queue, store }: Scene<typeof jobs>, options: unknown, message: string) {
  const refused = queue.enqueue('push', 'x', options as EnqueueOptions);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toBeInstanceOf(InvalidOptionError);
  await expect(refused).rejects.toMatchObject({ code: 'InvalidOption', name: 'InvalidOptionError' });
  expect(store.callsOf('enqueue')).toBe(0);
  expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
}

describe('an enqueue is refused, and nothing is stored, when', () => {
  it.each<[string, unknown, string]>([
    ['delayMs is negative', { delayMs: -1 }, 'delayMs is -1: expected a number of ms, 0 or more'],
    ['delayMs is NaN', { delayMs: Number.NaN }, 'delayMs is NaN: expected a number of ms, 0 or more'],
    [
      'delayMs is endless',
      { delayMs: Number.POSITIVE_INFINITY },
      'delayMs is Infinity: expected a number of ms, 0 or more',
    ],
    ['delayMs is a text', { delayMs: '5s' }, 'delayMs is "5s": expected a number of ms, 0 or more'],
    ['priority is NaN', { priority: Number.NaN }, `priority is NaN: expected ${priorities}`],
    ['priority is no whole number', { priority: 1.5 }, `priority is 1.5: expected ${priorities}`],
    ['priority is too great', { priority: 101 }, `priority is 101: expected ${priorities}`],
    ['priority is too small', { priority: -101 }, `priority is -101: expected ${priorities}`],
    [
      'priority is a word that is none',
      { priority: 'urgent' },
      `priority is "urgent": expected ${priorities}`,
    ],
    [
      'priority is a word that objects know',
      { priority: 'constructor' },
      `priority is "constructor": expected ${priorities}`,
    ],
    [
      'runAt is no date',
      { runAt: new Date('tomorrow') },
      'runAt is "Invalid Date": expected a valid Date or epoch ms',
    ],
    ['runAt is NaN', { runAt: Number.NaN }, 'runAt is NaN: expected a valid Date or epoch ms'],
    ['runAt is a text', { runAt: '2030-01-01' }, 'runAt is "2030-01-01": expected a valid Date or epoch ms'],
    [
      'runAt is after all dates',
      { runAt: 9e15 },
      'runAt is 9000000000000000: expected a valid Date or epoch ms',
    ],
    [
      'runAt and delayMs are both given',
      { runAt: 0, delayMs: 5 },
      'delayMs is 5: expected nothing, as runAt is given too',
    ],
    [
      'an option is mistyped',
      { prority: 1 },
      'enqueue options is "prority": expected only priority, delayMs, runAt, ',
    ],
    ['the options are null', null, 'enqueue options is null: expected an object'],
    ['the id is empty', { id: '' }, `id is "": expected ${text}`],
    ['the id is too long', { id: 'x'.repeat(513) }, `expected ${text}`],
    ['the lane has a control character', { lane: 'a\0b' }, `lane is "a\\u0000b": expected ${text}`],
    ['the lane is no text', { lane: 5 }, `lane is 5: expected ${text}`],
    ['the key is no text', { idempotencyKey: {} }, `idempotencyKey is an object: expected ${text}`],
    [
      'onDuplicate is none',
      { idempotencyKey: 'k', onDuplicate: 'drop' },
      'onDuplicate is "drop": expected keep, replace, restart',
    ],
    ['target is empty', { target: '' }, 'target is "": expected a text'],
    ['maxAgeMs is 0', { maxAgeMs: 0 }, 'maxAgeMs is 0: expected a number of ms, 1 or more'],
    [
      'onDuplicate has no key',
      { onDuplicate: 'replace' },
      'onDuplicate is "replace": expected nothing, as there is no idempotencyKey',
    ],
    ['maxAttempts is 0', { maxAttempts: 0 }, 'maxAttempts is 0: expected a whole number, 1 or more'],
    ['maxCrashes is a part', { maxCrashes: 1.5 }, 'maxCrashes is 1.5: expected a whole number, 1 or more'],
    ['timeoutMs is 0', { timeoutMs: 0 }, 'timeoutMs is 0: expected a number of ms, 1 or more'],
    [
      'the backoff is none',
      { backoff: { kind: 'random', initialMs: 1 } },
      'backoff.kind is "random": expected exponential, linear, fixed',
    ],
    ['the backoff is a number', { backoff: 5 }, 'backoff is 5: expected an object'],
    [
      'the backoff is mistyped',
      { backoff: { kind: 'fixed', initalMs: 1 } },
      'backoff is "initalMs": expected only kind, initialMs',
    ],
    [
      'the backoff is negative',
      { backoff: { kind: 'fixed', initialMs: -1 } },
      'backoff.initialMs is -1: expected a number of ms',
    ],
    [
      'its factor shrinks it',
      { backoff: { kind: 'exponential', initialMs: 1, factor: 0.5 } },
      'backoff.factor is 0.5: expected a number from 1 to 1000',
    ],
    [
      'its factor is a text',
      { backoff: { kind: 'exponential', initialMs: 1, factor: '2' } },
      'backoff.factor is "2": expected a number from 1 to 1000',
    ],
    [
      'its step is NaN',
      { backoff: { kind: 'linear', initialMs: 1, stepMs: Number.NaN } },
      'backoff.stepMs is NaN: expected a number of ms',
    ],
    [
      'its jitter is none',
      { backoff: { kind: 'fixed', initialMs: 1, jitter: 'half' } },
      'backoff.jitter is "half": expected none, full',
    ],
  ])('%s', (_, options, message) => isRefused(setScene(jobs), options, message));

  it.each<[string, unknown, string]>([
    [
      'onDuplicate is none of those with keys()',
      { idempotencyKey: 'k', onDuplicate: 'drop' },
      'onDuplicate is "drop": expected keep, replace, restart, debounce, throttle',
    ],
    [
      'a throttle has no window',
      { idempotencyKey: 'k', onDuplicate: 'throttle' },
      'keyForMs is undefined: expected a number of ms, 1 or more, as onDuplicate is throttle',
    ],
    [
      'keyForMs has no key',
      { keyForMs: 5 },
      'keyForMs is 5: expected nothing, as there is no idempotencyKey',
    ],
    [
      'keyForMs is 0',
      { idempotencyKey: 'k', keyForMs: 0 },
      'keyForMs is 0: expected a number of ms, 1 or more',
    ],
    [
      'maxWaitMs is of no debounce',
      { idempotencyKey: 'k', onDuplicate: 'replace', maxWaitMs: 5 },
      'maxWaitMs is 5: expected nothing, as onDuplicate is not debounce',
    ],
  ])('%s', (_, options, message) => isRefused(setScene(jobs, { use: [keys()] }), options, message));

  it.each([
    [{ keyForMs: 5 }, 'keyForMs is 5'],
    [{ maxWaitMs: 5, onDuplicate: 'debounce' }, 'maxWaitMs is 5'],
    [{ onDuplicate: 'debounce' }, 'onDuplicate is "debounce"'],
    [{ onDuplicate: 'throttle' }, 'onDuplicate is "throttle"'],
  ])('an option of keys is given without the feature, which it says: %o', async (options, what) => {
    const { queue } = setScene(jobs);
    const given = { idempotencyKey: 'k', ...options } as EnqueueOptions;
    const text = `${what}: expected nothing, as the queue has no use: [keys()]`;
    await expect(queue.enqueue('push', 'x', given)).rejects.toThrow(text);
    await expect(
      queue.enqueue('push', 'x', { idempotencyKey: 'k', onDuplicate: 'x' as never }),
    ).rejects.toThrow('onDuplicate is "x": expected keep, replace, restart');
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('its job name is unknown, and it says which there are', async () => {
    const { queue } = setScene(jobs);
    for (const name of ['pusj', 'toString', '']) {
      const refused = queue.enqueue(name as 'push', 'x');
      await expect(refused).rejects.toThrow(
        `job ${JSON.stringify(name)} is not defined; this queue has "push"`,
      );
      await expect(refused).rejects.toBeInstanceOf(UnknownJobError);
      await expect(refused).rejects.toMatchObject({ code: 'UnknownJob' });
    }
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });
});

describe('a batch is refused as a whole, and nothing is stored, when', () => {
  const good = { name: 'push' as const, payload: 1 };

  it.each<[string, unknown, string]>([
    ['one of it is invalid', [good, { ...good, delayMs: -1 }], 'delayMs is -1'],
    ['one of it has an unknown name', [good, { name: 'pull', payload: 1 }], 'job "pull" is not defined'],
    ['one of it has a mistyped option', [good, { ...good, delay: 1 }], 'enqueue options is "delay"'],
    ['one of it is nothing', [good, null], 'items[1] is null'],
    ['it is no array', { name: 'push' }, 'items is an object: expected an array'],
    ['it has more than 1,000 jobs', Array.from({ length: 1_001 }, () => good), 'items.length is 1001'],
  ])('%s', async (_, items, message) => {
    const { queue } = setScene(jobs);
    await expect(enqueueMany(queue, items as never)).rejects.toThrow(message);
    expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('an empty one is accepted, and asks no store', async () => {
    const { queue, store } = setScene(jobs);
    expect(await enqueueMany(queue, [])).toEqual([]);
    expect(store.calls).toEqual([]);
  });
});
