import {
  count,
  enqueueMany,
  get,
  InvalidOptionError,
  job,
  PayloadError,
  prepare,
  remoteQueue,
  StoreClosedError,
  schema,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ended, joinable, latch, setScene } from './scene.ts';
import { laterSchema, letterSchema, schemaOf } from './tiny-schema.ts';

const jobs = {
  send: job({ payload: letterSchema }),
  later: job({ payload: laterSchema }),
  plain: job<unknown>(),
};

const wrong = { to: ['a', 7], at: 5 } as never;

const use = [schema()];

describe('the payload of a job with a schema', () => {
  it('is stored as it was given: the input of its schema', async () => {
    const { queue } = setScene(jobs, { use });
    const { id } = await queue.enqueue('send', { to: ['a'], at: '2030-01-01' });
    expect((await get(queue, id))?.payload).toEqual({ to: ['a'], at: '2030-01-01' });
    const { id: other } = await queue.enqueue('send', { to: [] });
    expect((await get(queue, other))?.payload).toEqual({ to: [] });
  });

  it('is stored as it was given also when its schema writes into what it checks', async () => {
    const careless = schemaOf<{ n?: number }, { n: number }>((value) => ({
      value: Object.assign(value as object, { n: 5 }),
    }));
    const { queue } = setScene({ count: job({ payload: careless }) }, { use });
    const given = {};
    const { id } = await queue.enqueue('count', given);
    expect((await get(queue, id))?.payload).toEqual({});
    expect(given).toEqual({});
  });

  it.each(['send', 'later'] as const)(
    'is refused where its schema refuses it (%s), with the place, the reason and nothing stored',
    async (name) => {
      const { queue, store } = setScene(jobs, { use });
      const refused = await queue.enqueue(name, wrong).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(PayloadError);
      expect(refused).toMatchObject({
        code: 'Payload',
        message: 'payload.to[1] is not valid: expected a text (and 1 more)',
        issues: [
          { path: ['to', '1'], message: 'expected a text' },
          { path: ['at'], message: 'expected a text' },
        ],
      });
      expect(store.callsOf('enqueue')).toBe(0);
    },
  );

  it('is refused by a schema that gives no reason', async () => {
    const mute = job({ payload: schemaOf<string>(() => ({ issues: [] })) });
    const { queue, store } = setScene({ mute }, { use });
    await expect(queue.enqueue('mute', 'x')).rejects.toThrow('payload is not valid');
    expect(store.callsOf('enqueue')).toBe(0);
  });

  it('is told about with bounded issues, whatever the schema says', async () => {
    const path = Array.from({ length: 500 }, () => Symbol('k'.repeat(5_000)));
    const issues = Array.from({ length: 500 }, () => ({ message: 'm'.repeat(5_000), path }));
    const { queue } = setScene({ chatty: job({ payload: schemaOf(() => ({ issues })) }) }, { use });
    const refused = await queue.enqueue('chatty', 1).catch((error: unknown) => error as PayloadError);
    expect(refused).toMatchObject({ message: expect.stringContaining('(and 499 more)') });
    expect(JSON.stringify((refused as PayloadError).issues).length).toBeLessThan(100_000);
  });

  it.each(['send', 'later'] as const)('refuses the whole of its batch (%s)', async (name) => {
    const { queue, store } = setScene(jobs, { use });
    const batch = enqueueMany(queue, [
      { name: 'plain', payload: 1 },
      { name, payload: { to: [] } },
      { name, payload: wrong },
      { name: 'later', payload: wrong },
    ]);
    await expect(batch).rejects.toBeInstanceOf(PayloadError);
    expect(store.callsOf('enqueue')).toBe(0);
  });

  it('is checked when it is prepared', async () => {
    const { queue, store } = setScene(jobs, { use });
    joinable(store);
    for (const name of ['send', 'later'] as const) {
      await expect(prepare(queue, name, wrong)).rejects.toThrow('payload.to[1] is not valid');
      await expect(prepare(queue, name, { to: [] })).resolves.toHaveProperty('addTo');
    }
  });

  it('is checked after everything else: a schema sees nothing that could not be stored', async () => {
    const seen: unknown[] = [];
    const spy = schemaOf<unknown>((value) => {
      seen.push(value);
      return { value };
    });
    const { queue } = setScene({ spied: job({ payload: spy }) }, { use });
    await expect(queue.enqueue('spied', { no: () => {} })).rejects.toThrow('payload.no is a function');
    await expect(queue.enqueue('spied', 1, { delayMs: -1 })).rejects.toThrow('delayMs is -1');
    expect(seen).toEqual([]);
  });
});

describe('a schema that throws', () => {
  const boom = () => {
    throw new Error('boom');
  };

  it.each([
    ['at once', boom],
    ['later', async () => boom()],
    ['as it answers nothing', () => undefined as never],
    ['as it answers neither a value nor issues', () => ({}) as never],
  ])('%s is reported by enqueue as what it is, and nothing is stored', async (_, validate) => {
    const { queue, store } = setScene({ bad: job({ payload: schemaOf(validate) }) }, { use });
    const refused = await queue.enqueue('bad', 1).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'InvalidOption',
      message: expect.stringMatching(/^the payload schema of job "bad" threw: ./),
      cause: expect.any(Error),
    });
    expect(store.callsOf('enqueue')).toBe(0);
  });
});

describe('enqueues of one tick', () => {
  it('with schemas that answer at once share a call of the store with those without, in order', async () => {
    const { queue, store } = setScene(jobs, { use });
    await Promise.all([
      queue.enqueue('plain', 1, { id: '1' }),
      queue.enqueue('send', { to: [] }, { id: '2' }),
      queue.enqueue('plain', 3, { id: '3' }),
      queue.enqueue('send', { to: [] }, { id: '4' }),
    ]);
    expect(store.callsOf('enqueue')).toBe(1);
    const stored = store.calls.flatMap(({ request }) => (request as { jobs: { id: string }[] }).jobs);
    expect(stored.map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  });

  it.each([
    ['without a schema', 'plain'],
    ['with one that answers at once', 'send'],
  ] as const)('%s wait for nothing but the end of their turn', async (_, name) => {
    const { queue, store } = setScene(jobs, { use });
    const enqueued = queue.enqueue(name, { to: [] });
    await undefined;
    expect(store.callsOf('enqueue')).toBe(1);
    await enqueued;
  });

  it('do not wait for one whose schema answers later', async () => {
    const answers = latch();
    const slow = schemaOf<unknown>(async (value) => {
      await answers.promise;
      return { value };
    });
    const { queue } = setScene({ slow: job({ payload: slow }), plain: job<unknown>() }, { use });
    const waiting = queue.enqueue('slow', 1);
    await ended(queue.enqueue('plain', 2));
    expect(await count(queue)).toMatchObject({ pending: 1 });
    answers.open();
    await waiting;
    expect(await count(queue)).toMatchObject({ pending: 2 });
  });

  it('are refused, not stored, when the queue was closed before the schema answered', async () => {
    const { queue, store } = setScene(jobs, { use });
    const waiting = queue.enqueue('later', { to: [] });
    const closed = queue.close();
    await expect(waiting).rejects.toBeInstanceOf(StoreClosedError);
    await closed;
    expect(store.callsOf('enqueue')).toBe(0);
  });
});

describe('the option payload', () => {
  it.each([
    ['null', null, 'payload is null'],
    ['a text', 'string', 'payload is "string"'],
    ['an object that is no schema', { parse: () => 1 }, 'payload is an object'],
    ['another version', { '~standard': { version: 2, validate: () => 1 } }, 'payload is an object'],
    ['a schema that cannot validate', { '~standard': { version: 1 } }, 'payload is an object'],
  ])('cannot be %s', (_, payload, message) => {
    const define = () => job({ payload: payload as never });
    expect(define).toThrow(InvalidOptionError);
    expect(define).toThrow(message);
    expect(() => setScene({ wrong: { payload: payload as never } })).toThrow(message);
  });

  it('can be a schema that is a function', async () => {
    const callable = Object.assign(() => true, letterSchema);
    const { queue } = setScene({ send: job({ payload: callable }) }, { use });
    await expect(queue.enqueue('send', wrong)).rejects.toThrow('payload.to[1] is not valid');
  });

  it('can be a schema of a library', async () => {
    const mail = z.object({ to: z.array(z.email()).min(1), at: z.coerce.date().default(new Date(5)) });
    const { queue, environment } = setScene({ mail: job({ payload: mail }) }, { use });
    await expect(queue.enqueue('mail', { to: ['a@example.com', 'nobody'] })).rejects.toMatchObject({
      issues: [{ path: ['to', '1'] }],
    });
    const { id } = await queue.enqueue('mail', { to: ['a@example.com'] });
    expect((await get(queue, id))?.payload).toEqual({ to: ['a@example.com'] });
    const seen: unknown[] = [];
    work(queue, { mail: (mail) => void seen.push(mail) });
    await environment.advance(100);
    expect(seen).toEqual([{ to: ['a@example.com'], at: new Date(5) }]);
  });
});

describe('without schema() in use', () => {
  it.each<[string, object, string]>([
    ['a schema', { payload: letterSchema }, 'payload of job "send" is an object: expected nothing, as'],
    [
      'version steps',
      { version: 2, upcast: { 1: () => 1 } },
      'upcast of job "send" is an object: expected nothing, as',
    ],
  ])('a queue refuses a definition with %s, and says what to add', (_, options, message) => {
    const jobs = { send: job(options as never) };
    const add = `${message} the queue has no use: [schema()]`;
    const send = async () => undefined;
    expect(() => setScene(jobs)).toThrow(add);
    expect(() => remoteQueue({ name: 'sync', jobs, send })).toThrow(add);
    expect(() => setScene(jobs, { use })).not.toThrow();
  });
});
