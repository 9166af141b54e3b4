import {
  count,
  type Definitions,
  type EnqueueOptions,
  fixed,
  get,
  type HandlerContext,
  job,
  list,
  memoryBacking,
  redrive,
  schema,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, latch, setScene } from './scene.ts';
import { EPOCH, laterSchema, letterSchema, schemaOf } from './tiny-schema.ts';

const backoff = fixed({ delayMs: 1_000 });
const jobs = {
  send: job({ payload: letterSchema, backoff }),
  later: job({ payload: laterSchema, backoff }),
};

/** Jobs that were stored by a queue which knew no schemas, as an older release may have left them. */
const use = [schema()];

async function leftOver<const Jobs extends Definitions>(
  now: Jobs,
  payload: unknown,
  options: EnqueueOptions = {},
) {
  const backing = memoryBacking();
  const before = setScene({ send: job<unknown>() }, { backing });
  await before.queue.enqueue('send', payload, { ...options, id: 'old' });
  return setScene(now, { backing, environment: before.environment, use });
}

describe('the handler of a job with a schema', () => {
  it.each(['send', 'later'] as const)(
    'gets the output: transforms applied, defaults in (%s)',
    async (name) => {
      const { queue, environment } = setScene(jobs, { use });
      await queue.enqueue(name, { to: ['a'], at: '2030-01-01' });
      await queue.enqueue(name, { to: ['b'] });
      const seen: unknown[] = [];
      work(queue, { [name]: (letter: unknown) => void seen.push(letter) });
      await environment.advance(100);
      expect(seen).toEqual([
        { to: ['a'], at: new Date('2030-01-01') },
        { to: ['b'], at: EPOCH },
      ]);
    },
  );

  it('gets it at each attempt anew, and finds the input in its context', async () => {
    const { queue, environment } = setScene(jobs, { use });
    await queue.enqueue('send', { to: ['a'], at: '2030-01-01' });
    const seen: unknown[] = [];
    work(queue, {
      send({ at }, { job: { payload } }) {
        seen.push([at, payload]);
        if (seen.length === 1) throw new Error('not yet');
      },
    });
    await environment.advance(2_000);
    const both = [new Date('2030-01-01'), { to: ['a'], at: '2030-01-01' }];
    expect(seen).toEqual([both, both]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('gets the output for a job of an older version too', async () => {
    const now = { send: job({ payload: letterSchema, version: 2 }) };
    const { queue, environment } = await leftOver(now, { to: ['a'] });
    const seen: unknown[] = [];
    work(queue, { send: (letter, { job: { version } }) => void seen.push([letter, version]) });
    await environment.advance(100);
    expect(seen).toEqual([[{ to: ['a'], at: EPOCH }, 1]]);
  });
});

describe('a stored payload that its schema refuses by now', () => {
  it.each([
    ['at once', letterSchema],
    ['later', laterSchema],
  ])('never reaches its handler: the job is dead at once (%s)', async (_, payload) => {
    const { queue, environment } = await leftOver({ send: job({ payload, backoff }) }, { to: [7] });
    let runs = 0;
    const dead: string[] = [];
    queue.on('job:dead', ({ job: { id } }) => dead.push(id));
    work(queue, { send: () => void runs++ });
    await environment.advance(3_600_000);
    expect(runs).toBe(0);
    expect(dead).toEqual(['old']);
    expect(await get(queue, 'old')).toMatchObject({
      state: 'dead',
      failures: 1,
      payload: { to: [7] },
      errors: [{ name: 'PayloadError', message: 'payload.to[0] is not valid: expected a text' }],
    });
  });

  it('runs when it is redriven to a schema that takes it', async () => {
    let strict = true;
    const mended = schemaOf<unknown>((value) => (strict ? { issues: [{ message: 'no' }] } : { value }));
    const { queue, environment } = await leftOver({ send: job({ payload: mended }) }, { to: [7] });
    const seen: unknown[] = [];
    work(queue, { send: (payload) => void seen.push(payload) });
    await environment.advance(100);
    expect(await count(queue)).toMatchObject({ dead: 1 });
    strict = false;
    expect(await redrive(queue, 'old')).toBe('redriven');
    await environment.advance(100);
    expect(seen).toEqual([{ to: [7] }]);
    expect(await count(queue)).toMatchObject({ dead: 0, completed: 1 });
  });

  it('leaves the job after it in its lane to run', async () => {
    const { queue, environment } = await leftOver(jobs, { to: 'nobody' }, { lane: 'doc' });
    await queue.enqueue('send', { to: ['b'] }, { lane: 'doc' });
    const seen: unknown[] = [];
    work(queue, { send: ({ to }) => void seen.push(to) });
    await environment.advance(100);
    expect(seen).toEqual([['b']]);
    expect(await count(queue)).toMatchObject({ dead: 1, completed: 1 });
  });
});

describe('a schema that throws in a worker', () => {
  it('costs an attempt, is retried, and calls no handler', async () => {
    let broken = true;
    const flaky = schemaOf<string>((value) => {
      if (broken) throw new Error('boom');
      return { value: value as string };
    });
    const { queue, environment } = await leftOver({ send: job({ payload: flaky, backoff }) }, 'x');
    const seen: unknown[] = [];
    work(queue, { send: (payload, { attempt }) => void seen.push([payload, attempt]) });
    await environment.advance(500);
    expect(await get(queue, 'old')).toMatchObject({
      state: 'pending',
      failures: 1,
      errors: [{ name: 'Error', message: 'boom' }],
    });
    broken = false;
    await environment.advance(1_000);
    expect(seen).toEqual([['x', 2]]);
  });

  it('is dead at maxAttempts', async () => {
    const boom = schemaOf<string>(() => Promise.reject(new Error('boom')));
    const { queue, environment } = await leftOver(
      { send: job({ payload: boom, backoff, maxAttempts: 2 }) },
      'x',
    );
    work(queue, { send: () => {} });
    await environment.advance(5_000);
    expect(await get(queue, 'old')).toMatchObject({ state: 'dead', failures: 2 });
  });
});

describe('a schema that has not answered yet', () => {
  const slow = (answers: Promise<void>) =>
    schemaOf<string>(async (value) => {
      await answers;
      return { value: value as string };
    });

  it('counts for timeoutMs, and the handler does not begin after it', async () => {
    const answers = latch();
    const definition = job({ payload: slow(answers.promise), timeoutMs: 1_000, maxAttempts: 1 });
    const { queue, environment } = await leftOver({ send: definition }, 'x');
    let runs = 0;
    work(queue, { send: () => void runs++ });
    await environment.advance(1_500);
    answers.open();
    await environment.advance(10_000);
    expect(runs).toBe(0);
    expect(await get(queue, 'old')).toMatchObject({ state: 'dead', errors: [{ name: 'JobTimeoutError' }] });
  });

  it('does not keep a worker from stopping: the job goes back as it was', async () => {
    const { queue, environment } = await leftOver({ send: job({ payload: slow(deaf()) }) }, 'x');
    let runs = 0;
    const worker = work(queue, { send: () => void runs++ });
    await environment.advance(100);
    const stopped = worker.stop({ graceMs: 0 });
    await environment.advance(100);
    await stopped;
    expect(runs).toBe(0);
    expect(await get(queue, 'old')).toMatchObject({ state: 'pending', failures: 0 });
  });
});

describe('what a handler enqueues', () => {
  const chained = { first: job<null>({ maxAttempts: 1 }), ...jobs };
  type Context = HandlerContext<typeof chained>;

  async function during(first: (payload: null, context: Context) => unknown) {
    const { queue, environment } = setScene(chained, { use });
    await queue.enqueue('first', null, { id: 'first' });
    work(queue, { first });
    await environment.advance(100);
    return { queue, dead: (await get(queue, 'first'))?.errors };
  }

  it('is stored as its input when its schema takes it', async () => {
    const { queue } = await during((_, { enqueue }) => enqueue('send', { to: ['a'] }));
    const { jobs: found } = await list(queue, { state: 'pending' });
    expect(found).toMatchObject([{ name: 'send', payload: { to: ['a'] } }]);
  });

  it('is refused at once when its schema refuses it', async () => {
    const { queue, dead } = await during((_, { enqueue }) => enqueue('send', { to: 'a' } as never));
    expect(dead).toMatchObject([{ name: 'PayloadError', message: expect.stringContaining('payload.to ') }]);
    expect(await count(queue)).toMatchObject({ pending: 0, dead: 1 });
  });

  it.each([{ to: ['a'] }, { to: 'a' }])(
    'cannot have a schema that answers later: it says so (%o)',
    async (payload) => {
      const { queue, dead } = await during((_, { enqueue }) => enqueue('later', payload as never));
      expect(dead).toMatchObject([
        {
          name: 'InvalidOptionError',
          message: expect.stringMatching(/the payload schema of job "later" is "asynchronous"/),
        },
      ]);
      expect(await count(queue)).toMatchObject({ pending: 0, dead: 1 });
    },
  );
});
