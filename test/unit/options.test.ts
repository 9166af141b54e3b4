import {
  createQueue,
  defineJobs,
  type EnqueueOptions,
  exponential,
  fixed,
  InvalidOptionError,
  job,
  linear,
  memoryStore,
  type QueueOptions,
  UnknownJobError,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });
const text = 'a text of 1 to 512 characters without control characters';
const priorities = '"high", "normal", "low" or a whole number from -100 to 100';

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
      'onDuplicate is "drop": expected keep, replace, debounce',
    ],
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
  ])('%s', async (_, options, message) => {
    const { queue, store } = setScene(jobs);
    const refused = queue.enqueue('push', 'x', options as EnqueueOptions);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(refused).rejects.toMatchObject({ code: 'InvalidOption', name: 'InvalidOptionError' });
    expect(store.callsOf('enqueue')).toBe(0);
    expect(await queue.count()).toMatchObject({ pending: 0, bytes: 0 });
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
    expect(await queue.count()).toMatchObject({ pending: 0 });
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
    ['it has more than 1,000 jobs', Array.from({ length: 1_001 }, () => good), 'jobs.length is 1001'],
  ])('%s', async (_, items, message) => {
    const { queue } = setScene(jobs);
    await expect(queue.enqueueMany(items as never)).rejects.toThrow(message);
    expect(await queue.count()).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('an empty one is accepted, and asks no store', async () => {
    const { queue, store } = setScene(jobs);
    expect(await queue.enqueueMany([])).toEqual([]);
    expect(store.calls).toEqual([]);
  });
});

describe('createQueue refuses at once', () => {
  const good = { name: 'q', jobs, store: memoryStore() };

  it.each<[string, unknown, string]>([
    ['an empty name', { ...good, name: '' }, `name is "": expected ${text}`],
    ['no name', { jobs, store: good.store }, 'name is undefined'],
    ['no store', { name: 'q', jobs }, 'store is undefined: expected a store such as memoryStore()'],
    [
      'a store that is none',
      { ...good, store: {} },
      'store is an object: expected a store such as memoryStore()',
    ],
    ['no jobs', { name: 'q', store: good.store }, 'jobs is undefined: expected an object of definitions'],
    [
      'a mistyped option',
      { ...good, maxDeth: 5 },
      'createQueue options is "maxDeth": expected only name, jobs, store',
    ],
    ['nothing at all', undefined, 'createQueue options is undefined'],
    ['a depth of 0', { ...good, maxDepth: 0 }, 'maxDepth is 0: expected a whole number, 1 or more'],
    [
      'bytes that are NaN',
      { ...good, maxBytes: Number.NaN },
      'maxBytes is NaN: expected a whole number, 1 or more',
    ],
    ['a negative dedupeMs', { ...good, dedupeMs: -1 }, 'dedupeMs is -1: expected a number of ms, 0 or more'],
    ['a job that is no definition', { ...good, jobs: { push: null } }, 'job is null: expected an object'],
    ['a job with an empty name', { ...good, jobs: { '': job() } }, 'job name is ""'],
  ])('%s', (_, options, message) => {
    expect(() => createQueue(options as QueueOptions)).toThrow(message);
  });

  it('but touches no store before it is used', () => {
    const { store } = setScene(jobs);
    expect(store.calls).toEqual([]);
  });
});

describe('a job definition refuses at once', () => {
  const closed = { isOpen: () => false };

  it.each<[unknown, string]>([
    [{ maxAttempts: 0 }, 'maxAttempts is 0: expected a whole number, 1 or more'],
    [
      { maxAttempts: Number.POSITIVE_INFINITY },
      'maxAttempts is Infinity: expected a whole number, 1 or more',
    ],
    [{ maxCrashes: -1 }, 'maxCrashes is -1: expected a whole number, 1 or more'],
    [{ concurrency: 0 }, 'concurrency is 0: expected a whole number, 1 or more'],
    [{ timeoutMs: 0 }, 'timeoutMs is 0: expected a number of ms, 1 or more'],
    [{ version: 0 }, 'version is 0: expected a whole number, 1 or more'],
    [{ backoff: 'fast' }, 'backoff is "fast": expected an object'],
    [{ gate: closed }, 'gate is an object: expected an object with isOpen() and subscribe()'],
    [{ gate: null }, 'gate is null: expected an object with isOpen() and subscribe()'],
    [{ retries: 5 }, 'job is "retries": expected only maxAttempts'],
    [null, 'job is null: expected an object'],
  ])('%o', (options, message) => {
    expect(() => job(options as never)).toThrow(message);
    expect(() => defineJobs({ push: options as never })).toThrow(message);
  });
});

describe('a backoff refuses at once', () => {
  it.each<[() => unknown, string]>([
    [() => exponential({ initialMs: -1 }), 'exponential.initialMs is -1'],
    [() => exponential({ initialMs: 1, factor: 0 }), 'exponential.factor is 0'],
    [() => exponential({ initialMs: 1, maxMs: Number.NaN }), 'exponential.maxMs is NaN'],
    [() => exponential({ initialMs: 1, max: 5 } as never), 'exponential is "max"'],
    [() => exponential({} as never), 'exponential.initialMs is undefined'],
    [() => linear({ initialMs: 1, stepMs: -5 }), 'linear.stepMs is -5'],
    [() => fixed({ delayMs: Number.NaN }), 'fixed.initialMs is NaN'],
    [() => fixed({ delayMs: 5, jitter: 'some' as never }), 'fixed.jitter is "some"'],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('work refuses at once, and begins nothing,', () => {
  it.each<[string, unknown, unknown, string]>([
    ['a concurrency of 0', {}, { concurrency: 0 }, 'concurrency is 0: expected a whole number, 1 or more'],
    ['a concurrency without end', {}, { concurrency: Number.POSITIVE_INFINITY }, 'concurrency is Infinity'],
    ['a lease under a second', {}, { leaseMs: 999 }, 'leaseMs is 999: expected a number of ms, 1000 or more'],
    [
      'a negative grace',
      {},
      { timeoutGraceMs: -1 },
      'timeoutGraceMs is -1: expected a number of ms, 0 or more',
    ],
    ['a signal that is none', {}, { signal: {} }, 'signal is an object: expected an AbortSignal'],
    ['a mistyped option', {}, { concurency: 5 }, 'worker options is "concurency": expected only concurrency'],
    ['options that are null', {}, null, 'worker options is null: expected an object'],
    ['a handler of an unknown name', { pull: deaf }, {}, 'job "pull" is not defined; this queue has "push"'],
    [
      'a handler that is no function',
      { push: 'later' },
      {},
      'handlers["push"] is "later": expected a function',
    ],
    ['no handlers', undefined, {}, 'handlers is undefined: expected an object'],
  ])('%s', async (_, handlers, options, message) => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const before = store.calls.length;
    expect(() => queue.work(handlers as never, options as never)).toThrow(message);
    await environment.flush();
    expect(store.calls.length).toBe(before);
    expect(environment.timers).toBe(0);
  });
});

describe('reading and steering refuse', () => {
  it.each<[string, (queue: ReturnType<typeof setScene<typeof jobs>>['queue']) => Promise<unknown>, string]>([
    [
      'a list of an unknown state',
      (queue) => queue.list({ state: 'failed' as never }),
      'state is "failed": expected pending, active, completed, dead, cancelled',
    ],
    [
      'a list without end',
      (queue) => queue.list({ state: 'dead', limit: 1_001 }),
      'limit is 1001: expected at most 1000',
    ],
    [
      'a list of nothing',
      (queue) => queue.list({ state: 'dead', limit: 0 }),
      'limit is 0: expected a whole number, 1 or more',
    ],
    [
      'a list with a mistyped option',
      (queue) => queue.list({ state: 'dead', cusor: 'x' } as never),
      'list options is "cusor"',
    ],
    ['to cancel without an id', (queue) => queue.cancel(''), 'id is ""'],
    ['to redrive without an id', (queue) => queue.redrive(undefined as never), 'id is undefined'],
    ['to remove without an id', (queue) => queue.remove(null as never), 'id is null'],
    ['to hold an unknown name', (queue) => queue.hold('pull' as never, 0), 'job "pull" is not defined'],
    [
      'to hold until never',
      (queue) => queue.hold('push', Number.NaN),
      'until is NaN: expected a valid Date or epoch ms',
    ],
  ])('%s', async (_, act, message) => {
    const { queue, store } = setScene(jobs);
    await expect(act(queue)).rejects.toThrow(message);
    expect(store.calls).toEqual([]);
  });
});
