import { env } from 'cloudflare:workers';
import {
  count,
  drain,
  type EnqueueAnswer,
  type EnqueueOptionsWith,
  enqueueMany,
  type KeyOptions,
  pause,
  type Queue,
  resume,
} from 'holdfast';
import { drainObjects, type QueueClientOptions, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { openFront } from './front-scene.ts';
import { inside } from './mailer.ts';
import { jobs, use } from './worker.ts';

type Options = EnqueueOptionsWith<KeyOptions>;
type Client = Queue<typeof jobs, KeyOptions>;
type Shards = Pick<QueueClientOptions<typeof jobs>, 'shards' | 'formerShards' | 'object'>;

const KEY = { idempotencyKey: 'k' } as const;
let made = 0;
const freshName = (): string => `own-ids-${++made}`;
const clientOf = (name: string, shards: Shards = {}) =>
  queueClient(env.MAILER, name, { jobs, use, ...shards });
const objectsOf = (name: string, shards: number): string[] =>
  shards === 1 ? [name] : Array.from({ length: shards }, (_, i) => `${name}/${i}`);

/** How often the handlers of these objects have begun. */
async function runsOf(objects: readonly string[]): Promise<number> {
  const ran = await Promise.all(
    objects.map((of) => inside(env.MAILER.get(env.MAILER.idFromName(of)), (mailer) => mailer.ran.length)),
  );
  return ran.reduce((sum, count) => sum + count, 0);
}

/** A job under a key that waits, and the queue's name. */
async function holding(shards = 1) {
  const name = freshName();
  const queue = clientOf(name, { shards });
  await pause(queue);
  const { id } = await queue.enqueue('send', { n: 0 }, KEY);
  return { name, queue, holder: id };
}

/** Runs all there is, whether here or by the objects' own alarms. */
async function runAll(queue: Client, expected: number): Promise<void> {
  await resume(queue);
  const completed = async () => {
    await drainObjects(queue);
    return (await count(queue)).completed;
  };
  await expect.poll(completed).toBe(expected);
}

type Path = (queue: Client, name: string, options: Options) => Promise<EnqueueAnswer>;
const PATHS: Readonly<Record<string, Path>> = {
  enqueue: (queue, _, options) => queue.enqueue('send', { n: 1 }, options),
  enqueueMany: async (queue, _, options) =>
    (await enqueueMany(queue, [{ name: 'send', payload: { n: 1 }, ...options }]))[0] as EnqueueAnswer,
  'another client': (_, name, options) => clientOf(name).enqueue('send', { n: 1 }, options),
};

describe('an id of the caller’s own, by a client of a Durable Object', () => {
  for (const onDuplicate of ['keep', 'replace', 'restart', 'debounce'] as const)
    it.each(Object.entries(PATHS))(
      `is no second run by %s, though its first call was answered with another job (${onDuplicate})`,
      async (_, path) => {
        const { name, queue, holder } = await holding();
        const options: Options = { ...KEY, id: 'mine', onDuplicate };
        const { id, status } = await path(queue, name, options);
        expect([id, status]).toEqual([holder, onDuplicate === 'keep' ? 'duplicate' : 'replaced']);
        await runAll(queue, 1);
        for (const again of Object.values(PATHS))
          expect(await again(queue, name, options)).toEqual({ id: holder, status: 'duplicate' });
        await drainObjects(queue);
        expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 1 });
        expect(await runsOf([name])).toBe(1);
      },
    );

  it('is one job, whatever call brings it first and however many come at once', async () => {
    const name = freshName();
    const queue = clientOf(name);
    const calls = [...Object.values(PATHS), ...Object.values(PATHS)];
    const answers = await Promise.all(calls.map((call) => call(queue, name, { id: 'mine' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 5 }, () => 'duplicate'),
      'enqueued',
    ]);
    await runAll(queue, 1);
    expect(await queue.enqueue('send', { n: 1 }, { id: 'mine' })).toEqual({
      id: 'mine',
      status: 'duplicate',
    });
    expect(await runsOf([name])).toBe(1);
  });

  it('is no second run when the answer was lost, and the job had ended before the call was repeated', async () => {
    const name = freshName();
    let calls = 0;
    const stubOf = (of: string) => env.MAILER.get(env.MAILER.idFromName(of));
    const object = (of: string) => ({
      async holdfast(call: never) {
        const reply: unknown = await stubOf(of).holdfast(call);
        calls += 1;
        if (calls > 1) return reply;
        await runAll(clientOf(name), 1);
        throw Object.assign(new Error('the connection was lost'), { retryable: true });
      },
    });
    const queue = clientOf(name, { object });
    expect(await queue.enqueue('send', { n: 1 }, { id: 'mine' })).toEqual({
      id: 'mine',
      status: 'duplicate',
    });
    await drainObjects(queue);
    expect(await runsOf([name])).toBe(1);
  });

  it('is no second run when a worker elsewhere has run its job', async () => {
    const { queue, holder } = await holding();
    const options = { ...KEY, id: 'mine', onDuplicate: 'replace' } as const;
    await queue.enqueue('send', { n: 1 }, options);
    await queue.enqueue('unhandled', undefined, { id: 'pulled' });
    await resume(queue);
    await drain(queue, {
      unhandled: async () => {
        expect(await queue.enqueue('unhandled', undefined, { id: 'pulled' })).toMatchObject({
          status: 'duplicate',
        });
      },
    });
    await runAll(queue, 2);
    expect(await queue.enqueue('unhandled', undefined, { id: 'pulled' })).toEqual({
      id: 'pulled',
      status: 'duplicate',
    });
    expect(await queue.enqueue('send', { n: 1 }, options)).toEqual({ id: holder, status: 'duplicate' });
    expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 2 });
  });
});

describe('an id of the caller’s own, over HTTP', () => {
  it('is no second run, though its first call was answered with another job', async () => {
    const { client, post, name } = openFront();
    await pause(client);
    const letter = (id: string) => ({ name: 'send', payload: { n: 1 }, id, options: KEY });
    await post(letter('holder'));
    const answers = async () => {
      const answer = await post(letter('mine'));
      return [answer.status, await answer.json()];
    };
    const duplicate = [200, { id: 'holder', status: 'duplicate' }];
    expect(await answers()).toEqual(duplicate);
    await runAll(client, 1);
    expect(await answers()).toEqual(duplicate);
    await drainObjects(client);
    expect(await count(client)).toMatchObject({ pending: 0, completed: 1 });
    expect(await runsOf([name])).toBe(1);
  });

  it('is no second run when the first came by a client, and the job has ended', async () => {
    const { client, post, name } = openFront();
    await client.enqueue('send', { n: 1 }, { id: 'mine' });
    await runAll(client, 1);
    const answer = await post({ name: 'send', payload: { n: 1 }, id: 'mine' });
    expect([answer.status, await answer.json()]).toEqual([200, { id: 'mine', status: 'duplicate' }]);
    expect(await runsOf([name])).toBe(1);
  });
});

describe('an id of the caller’s own, in a queue spread over several objects', () => {
  const places: readonly (readonly [string, Options])[] = [
    ['by its id', {}],
    ['by a key', { idempotencyKey: 'key' }],
    ['by a lane', { lane: 'doc' }],
  ];

  it.each(places)('leads to the same object each time: %s', async (_, options) => {
    const name = freshName();
    const queue = clientOf(name, { shards: 5 });
    const items = Array.from({ length: 8 }, (_, n) => ({
      name: 'send' as const,
      payload: { n },
      ...options,
      ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: `key ${n}` }),
      id: `mine ${n}`,
    }));
    await enqueueMany(queue, items);
    await runAll(queue, 8);
    const duplicates = items.map(({ id }) => ({ id, status: 'duplicate' }));
    expect(await enqueueMany(clientOf(name, { shards: 5 }), items)).toEqual(duplicates);
    await drainObjects(queue);
    expect(await runsOf(objectsOf(name, 5))).toBe(8);
  });

  it.each([
    [1, 4],
    [2, 5],
    [5, 2],
    [4, 1],
  ])(
    'is found in the objects of before when %i objects become %i, waiting or done',
    async (before, after) => {
      const name = freshName();
      const old = clientOf(name, { shards: before });
      const items = places.flatMap(([of, options]) =>
        Array.from({ length: 6 }, (_, n) => ({
          name: 'send' as const,
          payload: { n },
          ...options,
          ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: `key ${n}` }),
          ...(options.lane === undefined ? {} : { lane: `doc ${n}` }),
          id: `mine ${n} ${of}`,
        })),
      );
      await pause(old);
      await enqueueMany(old, items);
      const present = clientOf(name, { shards: after, formerShards: before });
      const duplicates = items.map(({ id }) => ({ id, status: 'duplicate' }));
      expect(await enqueueMany(present, items)).toEqual(duplicates);
      await runAll(present, items.length);
      expect(await enqueueMany(present, items)).toEqual(duplicates);
      for (const { name: of, payload, ...options } of items)
        expect(await present.enqueue(of, payload, options)).toEqual({ id: options.id, status: 'duplicate' });
      const objects = [...new Set([...objectsOf(name, before), ...objectsOf(name, after)])];
      expect(await runsOf(objects)).toBe(items.length);
    },
  );

  it('means what it meant in the object of before, and new ones beside it are stored', async () => {
    const { name, holder } = await holding(2);
    const mine = { name: 'send' as const, payload: { n: 1 }, id: 'mine', ...KEY };
    await enqueueMany(clientOf(name, { shards: 2 }), [mine]);
    // Of seven objects and one: wherever the key leads, it led elsewhere for one of them.
    for (const shards of [7, 1]) {
      const queue = clientOf(name, { shards, formerShards: [2, 7] });
      const fresh = { name: 'send' as const, payload: { n: 2 }, id: `new ${shards}` };
      expect(await enqueueMany(queue, [fresh, mine, { ...fresh, id: `other ${shards}` }])).toEqual([
        { id: fresh.id, status: 'enqueued' },
        { id: holder, status: 'duplicate' },
        { id: `other ${shards}`, status: 'enqueued' },
      ]);
    }
  });

  it('is asked for where it led before, and ids of the queue’s own are not', async () => {
    const name = freshName();
    await count(clientOf(name));
    const calls: string[] = [];
    const object = (of: string) => ({
      holdfast(call: never): unknown {
        calls.push((call as { call: string }).call);
        return env.MAILER.get(env.MAILER.idFromName(of)).holdfast(call);
      },
    });
    const queue = clientOf(name, { shards: 2, formerShards: 1, object });
    await count(queue);
    calls.length = 0;
    await queue.enqueue('send', { n: 1 });
    expect(calls).toEqual(['enqueue']);
    await queue.enqueue('send', { n: 1 }, { id: 'mine' });
    expect(calls).toEqual(['enqueue', 'known', 'enqueue']);
  });
});
