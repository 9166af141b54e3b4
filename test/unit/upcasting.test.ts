import {
  DeadLetterError,
  defineJobs,
  fixed,
  get,
  job,
  memoryBacking,
  redrive,
  schema,
  type Upcast,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';
import { schemaOf } from './tiny-schema.ts';

const backoff = fixed({ delayMs: 1_000 });
const steps = {
  1: ({ name }: { name: string }) => ({ first: name, last: '' }),
  2: ({ first, last }: { first: string; last: string }) => ({ names: [first, last] }),
};

/** A job of version 1 that an older release stored, and a queue of today over the same store. */
async function olderJob(today: Parameters<typeof job>[0], payload: unknown = { name: 'Ada' }) {
  const backing = memoryBacking();
  const old = setScene({ greet: job<unknown>() }, { backing });
  await old.queue.enqueue('greet', payload, { id: 'old' });
  const jobs = { greet: job<unknown>({ backoff, ...today }) };
  return setScene(jobs, { backing, environment: old.environment, use: [schema()] });
}

describe('a stored payload of an older version', () => {
  it('is lifted step by step before its handler sees it, and stays as it is in the store', async () => {
    const { queue, environment } = await olderJob({ version: 3, upcast: steps });
    const seen: unknown[] = [];
    work(queue, { greet: (payload, { job: of }) => void seen.push(payload, of.version, of.payload) });
    await environment.flush();
    expect(seen).toEqual([{ names: ['Ada', ''] }, 1, { name: 'Ada' }]);
  });

  it('is lifted from its own version on', async () => {
    const { queue, environment } = await olderJob({ version: 2, upcast: { 1: steps[1] } });
    await queue.enqueue('greet', { first: 'Ada', last: 'Lovelace' });
    const seen: unknown[] = [];
    work(queue, { greet: (payload) => void seen.push(payload) });
    await environment.flush();
    expect(seen).toEqual([
      { first: 'Ada', last: '' },
      { first: 'Ada', last: 'Lovelace' },
    ]);
  });

  it('is lifted before its schema parses it', async () => {
    const greeting = schemaOf<{ names: string[] }, string>((value) => ({
      value: (value as { names: string[] }).names.join(' '),
    }));
    const { queue, environment } = await olderJob({ version: 3, upcast: steps, payload: greeting } as never);
    const seen: unknown[] = [];
    work(queue, { greet: (payload) => void seen.push(payload) });
    await environment.flush();
    expect(seen).toEqual(['Ada ']);
  });

  it('is lifted at each attempt anew', async () => {
    let lifts = 0;
    const upcast = { 1: () => ({ lifts: ++lifts }) };
    const { queue, environment } = await olderJob({ version: 2, upcast });
    const seen: unknown[] = [];
    work(queue, {
      greet: (payload, { attempt }) => {
        seen.push(payload);
        if (attempt === 1) throw new Error('not yet');
      },
    });
    await environment.advance(2_000);
    expect(seen).toEqual([{ lifts: 1 }, { lifts: 2 }]);
  });

  it('reaches its handler as it is where there are no steps', async () => {
    const { queue, environment } = await olderJob({ version: 3 });
    const seen: unknown[] = [];
    work(queue, { greet: (payload) => void seen.push(payload) });
    await environment.flush();
    expect(seen).toEqual([{ name: 'Ada' }]);
  });
});

describe('a step that fails', () => {
  const broken = () => {
    throw new TypeError('no name');
  };

  it('makes the attempt a failed one: a mended release finds the job and runs it', async () => {
    let mended = false;
    const upcast: Upcast = { 1: (payload) => (mended ? payload : broken()) };
    const { queue, environment } = await olderJob({ version: 2, upcast });
    const ran: unknown[] = [];
    work(queue, { greet: (payload) => void ran.push(payload) });
    await environment.advance(1_500);
    expect(await get(queue, 'old')).toMatchObject({
      state: 'pending',
      failures: 2,
      errors: [{ name: 'TypeError', message: 'no name' }, { attempt: 2 }],
    });
    mended = true;
    await environment.advance(1_000);
    expect(ran).toEqual([{ name: 'Ada' }]);
  });

  it('for all its attempts ends it among the dead, from where redrive lifts it again', async () => {
    let mended = false;
    const upcast: Upcast = { 1: (payload) => (mended ? payload : broken()) };
    const { queue, environment } = await olderJob({ version: 2, upcast, maxAttempts: 2 });
    const ran: unknown[] = [];
    work(queue, { greet: (payload) => void ran.push(payload) });
    await environment.advance(5_000);
    expect(await get(queue, 'old')).toMatchObject({ state: 'dead', payload: { name: 'Ada' } });
    mended = true;
    await redrive(queue, 'old');
    await environment.flush();
    expect(ran).toEqual([{ name: 'Ada' }]);
  });

  it('by a DeadLetterError says that there is no use', async () => {
    const { queue, environment } = await olderJob({ version: 2, upcast: { 1: giveUp } });
    work(queue, { greet: () => {} });
    await environment.flush();
    expect(await get(queue, 'old')).toMatchObject({ state: 'dead', failures: 1 });
  });

  it('as it answers a promise says so', async () => {
    const { queue, environment } = await olderJob({ version: 2, upcast: { 1: async () => 5 } });
    work(queue, { greet: () => {} });
    await environment.flush();
    expect(await get(queue, 'old')).toMatchObject({
      failures: 1,
      errors: [{ message: 'upcast[1] answered a promise: it has to answer at once' }],
    });
  });
});

function giveUp(): never {
  throw new DeadLetterError('version 1 is not supported any more');
}

describe('a job definition refuses at once, as upcast,', () => {
  const step = () => 1;
  it.each<[string, object, string]>([
    [
      'one with a missing first step',
      { version: 3, upcast: { 2: step } },
      'upcast[1] is undefined: expected a function from version 1 to 2',
    ],
    [
      'one with a missing last step',
      { version: 3, upcast: { 1: step } },
      'upcast[2] is undefined: expected a function from version 2 to 3',
    ],
    ['a step that is none', { version: 2, upcast: { 1: 'x' } }, 'upcast[1] is "x": expected a function'],
    [
      'a step from the newest',
      { version: 2, upcast: { 1: step, 2: step } },
      'upcast is "2": expected only versions before 2',
    ],
    ['a step without versions', { upcast: { 1: step } }, 'upcast is "1": expected only versions before 1'],
    ['a step of no version', { version: 2, upcast: { 1: step, one: step } }, 'upcast is "one"'],
    [
      'what is no object',
      { version: 2, upcast: null },
      'upcast is null: expected an object of functions by version',
    ],
  ])('%s', (_, options, message) => {
    expect(() => job(options as never)).toThrow(message);
    expect(() => defineJobs({ greet: options as never })).toThrow(message);
  });
});
