import {
  createQueue,
  defineJobs,
  drain,
  enqueueMany,
  expose,
  type Feature,
  get,
  job,
  log,
  memoryStore,
  readLog,
  remoteQueue,
} from 'holdfast';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { checkText } from '../../src/core/queue/options.ts';

const jobs = defineJobs({ push: job<string>() });

/** What a feature may be: here one that adds a word to each job. */
function word(): Feature<{ readonly word?: string }> {
  return {
    name: 'word',
    order: 0,
    options: { word: checkText },
    specify: (spec) => {
      if (spec.word !== undefined) spec.tags = [`word ${spec.word}`];
    },
  };
}

const open = (use = [word()]) => createQueue({ name: 'q', jobs, store: memoryStore(), use });

describe('use', () => {
  it('lets an enqueue say what its features take, from a queue, from a list and from a handler', async () => {
    const queue = open();
    await queue.enqueue('push', 'a', { id: 'a', word: 'one' });
    await enqueueMany(queue, [{ name: 'push', payload: 'b', id: 'b', word: 'two' }]);
    await drain(
      queue,
      {
        push: (payload, { enqueue }) => {
          if (payload === 'a') enqueue('push', 'c', { id: 'c', word: 'three', delayMs: 60_000 });
        },
      },
      { maxJobs: 1 },
    );
    expect((await get(queue, 'b'))?.tags).toEqual(['word two']);
    expect((await get(queue, 'c'))?.tags).toEqual(['word three']);
  });

  it('refuses what only a feature takes that is not in use, at once', async () => {
    const queue = createQueue({ name: 'q', jobs, store: memoryStore() });
    const options = { word: 'one' };
    await expect(queue.enqueue('push', 'a', options)).rejects.toMatchObject({ code: 'InvalidOption' });
    // @ts-expect-error: nor does it type-check
    await expect(queue.enqueue('push', 'a', { word: 'one' })).rejects.toThrow('word');
  });

  it('checks what an enqueue says as its feature does', async () => {
    await expect(open().enqueue('push', 'a', { word: '' })).rejects.toMatchObject({ code: 'InvalidOption' });
    // @ts-expect-error: and its type
    await expect(open().enqueue('push', 'a', { word: 5 })).rejects.toThrow('5');
  });

  it('takes options over a border where the host uses the feature, and refuses them where it does not', async () => {
    const far = (host: ReturnType<typeof open>) =>
      remoteQueue({ name: 'q', jobs, send: expose(host, { enqueueMany }), use: [word()] });
    const host = open();
    await far(host).enqueue('push', 'a', { id: 'a', word: 'one' });
    expect((await get(host, 'a'))?.tags).toEqual(['word one']);
    await expect(far(open([])).enqueue('push', 'a', { word: 'one' })).rejects.toMatchObject({
      code: 'InvalidOption',
    });
  });

  it.each([
    ['what is no list', 'log', 'use'],
    ['what is no feature', [{}], 'use[0]'],
    ['a function that makes one', [log], 'use[0]'],
    ['one feature twice', [log({ size: 1 }), log({ size: 2 })], 'use[1]'],
  ])('refuses %s', (_, use, place) => {
    const options = { name: 'q', jobs, store: memoryStore(), use: use as never };
    expect(() => createQueue(options)).toThrow(place);
  });

  it('is of this page: what another page of the queue uses, it does not', async () => {
    const store = memoryStore();
    const [logs, plain] = [[log({ size: 10 })], []].map((use) =>
      createQueue({ name: 'q', jobs, store, use }),
    );
    await plain?.enqueue('push', 'a', { id: 'a' });
    await logs?.enqueue('push', 'b', { id: 'b' });
    expect((await readLog(plain as never)).map(({ id }) => id)).toEqual(['b']);
  });

  it('adds no options where its features have none', () => {
    const plain = createQueue({ name: 'q', jobs, store: memoryStore() });
    const logging = createQueue({ name: 'q', jobs, store: memoryStore(), use: [log({ size: 1 })] });
    expectTypeOf(logging.enqueue)
      .parameter(2)
      .toEqualTypeOf(plain.enqueue as never as Parameters<typeof plain.enqueue>[2]);
  });
});
