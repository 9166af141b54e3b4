import {
  cancel,
  createQueue,
  defineJobs,
  exponential,
  fixed,
  hold,
  job,
  linear,
  list,
  memoryStore,
  type QueueOptions,
  redrive,
  remove,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });
const text = 'a text of 1 to 512 characters without control characters';

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
    ['no jobs', { name: 'q', store: good.store }, 'jobs is undefined: expected a plain object'],
    [
      'a mistyped option',
      { ...good, maxDeth: 5 },
      'createQueue options is "maxDeth": expected only name, jobs, store',
    ],
    ['nothing at all', undefined, 'createQueue options is undefined'],
    [
      'a delayed count of 0',
      { ...good, maxDelayed: 0 },
      'maxDelayed is 0: expected a whole number, 1 or more',
    ],
    [
      'a policy that is no option of it',
      { ...good, onFull: 'drop-oldest' },
      'createQueue options is "onFull": expected only',
    ],
    ['a depth of 0', { ...good, maxDepth: 0 }, 'maxDepth is 0: expected a whole number, 1 or more'],
    [
      'bytes that are NaN',
      { ...good, maxBytes: Number.NaN },
      'maxBytes is NaN: expected a whole number, 1 or more',
    ],
    ['a negative dedupeMs', { ...good, dedupeMs: -1 }, 'dedupeMs is -1: expected a number of ms, 0 or more'],
    ['an outageMs of 0', { ...good, outageMs: 0 }, 'outageMs is 0: expected a number of ms, 1 or more'],
    [
      'a short probeMaxMs',
      { ...good, probeMaxMs: 999 },
      'probeMaxMs is 999: expected a number of ms, 1000 or more',
    ],
    [
      'a job that is no definition',
      { ...good, jobs: { push: null } },
      'job "push" is null: expected an object',
    ],
    ['jobs in a list', { ...good, jobs: [job()] }, 'jobs is an array: expected a plain object'],
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
    [{ target: '' }, 'target is "": expected a text'],
    [{ outage: true }, 'outage is true: expected false, or nothing'],
    [{ outageMs: 0 }, 'outageMs is 0: expected a number of ms, 1 or more'],
    [{ retries: 5 }, ' is "retries": expected only maxAttempts'],
    [null, ' is null: expected an object'],
  ])('%o', (options, message) => {
    expect(() => job(options as never)).toThrow(message);
    expect(() => defineJobs({ push: options as never })).toThrow(message);
  });

  it('in a record that nobody gave to defineJobs, too, and names the job', () => {
    const { queue: _, store } = setScene({});
    expect(() => createQueue({ name: 'q', store, jobs: { push: { maxAttempts: 0 } } })).toThrow(
      'maxAttempts is 0',
    );
    expect(() => createQueue({ name: 'q', store, jobs: { push: { retries: 5 } as never } })).toThrow(
      'job "push" is "retries"',
    );
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
    [
      'a negative limit of handlers that do not end',
      {},
      { overlapAfterMs: -1 },
      'overlapAfterMs is -1: expected a number of ms, 0 or more',
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
    expect(() => work(queue, handlers as never, options as never)).toThrow(message);
    await environment.flush();
    expect(store.calls.length).toBe(before);
    expect(environment.timers).toBe(0);
  });
});

describe('reading and steering refuse', () => {
  it.each<[string, (queue: ReturnType<typeof setScene<typeof jobs>>['queue']) => Promise<unknown>, string]>([
    [
      'a list of an unknown state',
      (queue) => list(queue, { state: 'failed' as never }),
      'state is "failed": expected pending, active, completed, dead, cancelled',
    ],
    [
      'a list without end',
      (queue) => list(queue, { state: 'dead', limit: 1_001 }),
      'limit is 1001: expected at most 1000',
    ],
    [
      'a list of nothing',
      (queue) => list(queue, { state: 'dead', limit: 0 }),
      'limit is 0: expected a whole number, 1 or more',
    ],
    [
      'a list with a mistyped option',
      (queue) => list(queue, { state: 'dead', cusor: 'x' } as never),
      'list options is "cusor"',
    ],
    ['to cancel without an id', (queue) => cancel(queue, ''), 'id is ""'],
    ['to redrive without an id', (queue) => redrive(queue, undefined as never), 'id is undefined'],
    ['to remove without an id', (queue) => remove(queue, null as never), 'id is null'],
    ['to hold an unknown name', (queue) => hold(queue, 'pull' as never, 0), 'job "pull" is not defined'],
    [
      'to hold until never',
      (queue) => hold(queue, 'push', Number.NaN),
      'until is NaN: expected a valid Date or epoch ms',
    ],
  ])('%s', async (_, act, message) => {
    const { queue, store } = setScene(jobs);
    await expect(act(queue)).rejects.toThrow(message);
    expect(store.calls).toEqual([]);
  });
});
