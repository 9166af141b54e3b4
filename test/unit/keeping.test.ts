import {
  count,
  createQueue,
  DeadLetterError,
  drain,
  fixed,
  get,
  job,
  list,
  memoryStore,
  prune,
  redrive,
  redriveMany,
  removeMany,
  results,
  schema,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, setScene } from './scene.ts';
import { letterSchema } from './tiny-schema.ts';

const jobs = {
  push: job<string>({ maxAttempts: 1 }),
  mail: job<string>({ maxAttempts: 1 }),
};

type Dying = readonly ['push' | 'mail', string, { tags?: string[] }?];

/** A queue with dead jobs, a second between their deaths. */
async function withDead(...dead: readonly Dying[]) {
  const scene = setScene(jobs);
  const die = (word: string) => {
    throw word.startsWith('never') ? new DeadLetterError(word) : new TypeError(word);
  };
  for (const [name, word, options] of dead) {
    await scene.queue.enqueue(name, word, { id: word, ...options });
    const drained = drain(scene.queue, { push: die, mail: die });
    await scene.environment.advance(1_000);
    await ended(drained);
  }
  return scene;
}

const four: readonly Dying[] = [
  ['push', 'a', { tags: ['red'] }],
  ['mail', 'b', { tags: ['red', 'blue'] }],
  ['push', 'never c'],
  ['mail', 'd'],
];
const withFour = () => withDead(...four);

const dead = async ({ queue }: Awaited<ReturnType<typeof withDead>>) =>
  (await list(queue, { state: 'dead' })).jobs.map(({ id }) => id);

/** What a promise comes to when everything may go on but time. */
async function come<T>(
  { environment }: Awaited<ReturnType<typeof withDead>>,
  promise: Promise<T>,
): Promise<T> {
  await environment.flush();
  return ended(promise);
}

describe('many dead jobs', () => {
  it.each([
    [{}, ['a', 'b', 'never c', 'd']],
    [{ name: 'push' }, ['a', 'never c']],
    [{ tag: 'red' }, ['a', 'b']],
    [{ errorName: 'DeadLetterError' }, ['never c']],
    [{ olderThanMs: 3_000 }, ['a', 'b']],
    [{ name: 'mail', tag: 'blue', olderThanMs: 2_000, errorName: 'TypeError' }, ['b']],
    [{ name: 'nobody' }, []],
  ])('are redriven and removed by what they are: %o', async (filter, ids) => {
    const first = await withFour();
    expect(await come(first, removeMany(first.queue, filter))).toEqual({ removed: ids.length });
    const rest = four.map(([, word]) => word).filter((word) => !(ids as string[]).includes(word));
    expect(await dead(first)).toEqual(rest);
    const second = await withFour();
    expect(await come(second, redriveMany(second.queue, filter))).toEqual({
      redriven: ids.length,
      duplicate: 0,
      blocked: 0,
      unreadable: 0,
    });
    expect(await dead(second)).toEqual(rest);
  });

  it('are redriven in transactions of at most 100, each told, and those that die again are not met again', async () => {
    const scene = setScene(jobs);
    const { queue, environment, store } = scene;
    for (let i = 0; i < 250; i++) await queue.enqueue('push', `${i}`);
    work(queue, { push: () => Promise.reject(new Error('no')) }, { concurrency: 50 });
    await environment.advance(1_000);
    const told: unknown[] = [];
    const redriven = redriveMany(queue, {}, { onProgress: (progress) => told.push(progress) });
    await environment.advance(1_000);
    expect(await ended(redriven)).toMatchObject({ redriven: 250 });
    expect(told).toEqual([100, 200, 250].map((looked) => ({ looked, of: 250 })));
    expect(store.callsOf('redrive')).toBe(3);
    expect(await count(queue)).toMatchObject({ dead: 250 });
  });

  it('are left where the signal was aborted', async () => {
    const { queue, environment } = setScene(jobs);
    for (let i = 0; i < 150; i++) await queue.enqueue('push', `${i}`);
    work(queue, { push: () => Promise.reject(new Error('no')) }, { concurrency: 50 });
    await environment.advance(1_000);
    const abort = new AbortController();
    const removed = removeMany(
      queue,
      {},
      { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) },
    ).catch((error) => error);
    await environment.flush();
    expect(await ended(removed)).toMatchObject({ message: 'enough' });
    expect(await count(queue)).toMatchObject({ dead: 50 });
  });

  it('of which one has its key taken: that one stays dead', async () => {
    const scene = await withDead(['push', 'a']);
    const { queue } = scene;
    await queue.enqueue('mail', 'b', { idempotencyKey: 'k' });
    const drained = drain(queue, { mail: () => Promise.reject(new Error('no')) });
    await come(scene, drained);
    await queue.enqueue('mail', 'c', { idempotencyKey: 'k' });
    expect(await come(scene, redriveMany(queue))).toEqual({
      redriven: 1,
      duplicate: 1,
      blocked: 0,
      unreadable: 0,
    });
  });

  it.each([
    ['filter', { names: 'push' }, {}],
    ['filter', { olderThanMs: -1 }, {}],
    ['filter', { tag: 7 }, {}],
    ['options', {}, { signal: 'x' }],
    ['options', {}, { limit: 5 }],
  ])('are left alone when the %s is not one: %o %o', async (_, filter, options) => {
    const scene = await withDead(['push', 'a']);
    const { queue } = scene;
    await expect(redriveMany(queue, filter as never, options as never)).rejects.toMatchObject({
      code: 'InvalidOption',
    });
    await expect(removeMany(queue, filter as never, options as never)).rejects.toMatchObject({
      code: 'InvalidOption',
    });
    expect(await dead(scene)).toEqual(['a']);
  });
});

describe('a redrive with another payload', () => {
  it('runs with that one, under the same id', async () => {
    const scene = await withDead(['push', 'a']);
    const { queue, environment } = scene;
    expect(await redrive(queue, 'a', { payload: 'mended' })).toBe('redriven');
    const ran: unknown[] = [];
    work(queue, { push: (word, { job: { id }, attempt }) => void ran.push([id, word, attempt]) });
    await environment.flush();
    expect(ran).toEqual([['a', 'mended', 1]]);
  });

  it('is checked by the schema: what that refuses changes nothing', async () => {
    const environment = setScene(jobs).environment;
    const checked = { note: job({ payload: letterSchema, maxAttempts: 1 }) };
    const queue = createQueue({
      name: 'sync',
      jobs: checked,
      store: memoryStore(),
      environment,
      use: [schema()],
    });
    const { id } = await queue.enqueue('note', { to: [] });
    const drained = drain(queue, { note: () => Promise.reject(new Error('no')) });
    await environment.flush();
    await ended(drained);
    await expect(redrive(queue, id, { payload: { to: [7 as never] } })).rejects.toMatchObject({
      code: 'Payload',
    });
    expect(await get(queue, id)).toMatchObject({ state: 'dead' });
  });

  it.each([
    ['that cannot be stored', { payload: (() => {}) as never }, 'Payload'],
    ['and a mistyped option', { payloads: 'x' }, 'InvalidOption'],
  ])('%s is refused', async (_, options, code) => {
    const scene = await withDead(['push', 'a']);
    await expect(redrive(scene.queue, 'a', options as never)).rejects.toMatchObject({ code });
    expect(await dead(scene)).toEqual(['a']);
  });

  it('of a job that is not there, or not dead, says so', async () => {
    const { queue } = setScene(jobs);
    expect(await redrive(queue, 'nobody', { payload: 'x' })).toBe('unknown');
    const { id } = await queue.enqueue('push', 'x');
    expect(await redrive(queue, id, { payload: 'y' })).toBe('not-dead');
    expect(await get(queue, id)).toMatchObject({ payload: 'x' });
  });
});

describe('jobs that ended are kept', () => {
  it('completed ones by the rule of the queue, and they are listed', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [results({ completed: { count: 3, ageMs: 60_000 } })],
    });
    for (let i = 0; i < 5; i++) await queue.enqueue('push', `${i}`);
    work(queue, { push: (word) => `${word}!` }, { concurrency: 1 });
    await environment.advance(1_000);
    const { jobs: kept } = await list(queue, { state: 'completed' });
    expect(kept.map(({ payload, result }) => [payload, result])).toEqual([
      ['2', '2!'],
      ['3', '3!'],
      ['4', '4!'],
    ]);
    expect(await prune(queue)).toEqual({ completed: 0, dead: 0 });
    await environment.advance(60_000);
    const pruned = prune(queue);
    await environment.flush();
    expect(await ended(pruned)).toEqual({ completed: 3, dead: 0 });
    expect(await list(queue, { state: 'completed' })).toEqual({ jobs: [] });
  });

  it('dead ones too, and pruning comes with what is settled anyway', async () => {
    const { queue, environment } = setScene(
      { push: job<string>({ maxAttempts: 1, backoff: fixed({ delayMs: 0 }) }) },
      { use: [results({ dead: { count: 2 } })] },
    );
    for (let i = 0; i < 20; i++) await queue.enqueue('push', `${i}`);
    work(queue, { push: () => Promise.reject(new Error('no')) }, { concurrency: 2 });
    await environment.advance(1_000);
    expect((await list(queue, { state: 'dead' })).jobs.map(({ payload }) => payload)).toEqual(['18', '19']);
  });

  it.each([
    { completed: {} },
    { completed: { count: 0 } },
    { completed: 5 },
    { dead: { ageMs: 0 } },
    { dead: { count: 1.5 } },
    { dead: { days: 3 } },
    { deads: { count: 1 } },
  ])('by no rule that is none: %o', (options) => {
    expect(() => results(options as never)).toThrow(/completed|dead/);
  });
});
