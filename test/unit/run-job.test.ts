import {
  checkpoints,
  DeadLetterError,
  defineJobs,
  type Handler,
  type HandlerContext,
  job,
  ServerError,
  schema,
  UnreachableError,
} from 'holdfast';
import { fakeEnvironment, type JobRun, runJob } from 'holdfast/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { untilAborted } from './scene.ts';
import { EPOCH, letterSchema } from './tiny-schema.ts';

interface Note {
  readonly id: string;
}

const jobs = defineJobs({
  'note.push': job<Note>({ maxAttempts: 3, timeoutMs: 1_000, backoff: { kind: 'fixed', initialMs: 7_000 } }),
  'note.told': job<string>(),
});

const note: Note = { id: 'a' };
const push = { jobs, name: 'note.push' } as const;

const failing = (error: unknown) => () => {
  throw error;
};

describe('runJob', () => {
  it('says what a handler returned', async () => {
    const run = await runJob(async ({ id }: Note) => `${id} is sent`, note);
    expect(run).toEqual({
      outcome: 'completed',
      result: 'a is sent',
      enqueued: [],
      logs: [],
      progress: [],
      job: undefined,
    });
  });

  it('gives a handler its payload as a store gives it back: a copy', async () => {
    const given = { id: 'a', tags: ['x'] };
    const run = await runJob(({ tags }: typeof given) => tags.push('y'), given);
    expect([run.outcome, given.tags]).toEqual(['completed', ['x']]);
  });

  it('says what a handler threw, and when it runs again', async () => {
    const error = new Error('no');
    expect(await runJob(failing(error), note, push)).toMatchObject({
      outcome: 'retried',
      error,
      counted: true,
      delayMs: 7_000,
      job: { failures: 1, errors: [{ message: 'no' }] },
    });
  });

  it('says that a failure was the last', async () => {
    const error = new Error('no');
    const { outcome, job } = await runJob(failing(error), note, { ...push, attempt: 3 });
    expect([outcome, job?.errors.at(-1)?.message]).toEqual(['dead', 'no']);
    expect(await runJob(failing(new DeadLetterError('never')), note)).toMatchObject({
      outcome: 'dead',
      error: { code: 'DeadLetter' },
    });
  });

  it.each([
    ['an outage', new UnreachableError('no answer')],
    ['a server that fails', new ServerError('the server answered 500', { status: 500 })],
    ['a fetch that failed', new TypeError('Failed to fetch')],
  ])('says that an attempt does not count: %s', async (_, error) => {
    const run = await runJob(failing(error), note, { ...push, attempt: 3 });
    expect(run).toMatchObject({ outcome: 'retried', error, counted: false, job: { state: 'pending' } });
  });

  it('says how long a server has asked to wait', async () => {
    const error = new UnreachableError('busy', { reason: 'busy', retryAfterMs: 90_000 });
    expect(await runJob(failing(error), note, push)).toMatchObject({ outcome: 'retried', delayMs: 90_000 });
  });

  it('says that a handler gave its job back, also at once', async () => {
    const later = await runJob((_: Note, { release }) => release({ delayMs: 5_000 }), note, push);
    expect(later).toMatchObject({ outcome: 'released', delayMs: 5_000, job: { attempt: 1 } });
    const now = await runJob((_: Note, { release }) => release(), note, push);
    expect(now).toMatchObject({ outcome: 'released', delayMs: 0 });
  });

  it('gives a handler the attempt that is asked for, with the errors of those before', async () => {
    const run = await runJob((_: Note, { attempt, job }) => [attempt, job.errors.length], note, {
      ...push,
      attempt: 2,
    });
    expect(run).toMatchObject({ outcome: 'completed', result: [2, 1] });
  });

  it('refuses an attempt that the job does not live to see', async () => {
    await expect(runJob(() => {}, note, { ...push, attempt: 4 })).rejects.toThrow(
      'attempt is 4: expected at most 3, its last',
    );
  });

  it('gives a handler the checkpoint of the attempt before, and says which it left', async () => {
    const walk = async (
      _: Note,
      { job, checkpoint }: HandlerContext & { checkpoint(page: number): unknown },
    ) => {
      await checkpoint((job.checkpoint as number) + 1);
      throw new Error('the tab is closed');
    };
    const run = await runJob(walk, note, { ...push, use: [checkpoints()], checkpoint: 6, attempt: 2 });
    expect(run).toMatchObject({ outcome: 'retried', job: { checkpoint: 7, failures: 2 } });
  });

  it('refuses a checkpoint without its feature', async () => {
    await expect(runJob(() => {}, note, { checkpoint: 1 })).rejects.toThrow(
      'checkpoint is 1: expected nothing, as the queue has no use: [checkpoints()]',
    );
  });

  it('shows what a handler has enqueued, logged and told', async () => {
    const tells: Handler<Note, typeof jobs> = ({ id }, { enqueue, log, progress }) => {
      log('half');
      progress(0.5);
      enqueue('note.told', id, { lane: 'x' });
    };
    expect(await runJob(tells, note, push)).toMatchObject({
      outcome: 'completed',
      logs: ['half'],
      progress: [0.5],
      enqueued: [{ name: 'note.told', payload: 'a', lane: 'x' }],
    });
  });

  it('shows nothing enqueued by a handler that fails: both commit or neither', async () => {
    const fails: Handler<Note, typeof jobs> = ({ id }, { enqueue }) => {
      enqueue('note.told', id);
      throw new Error('no');
    };
    expect(await runJob(fails, note, push)).toMatchObject({ outcome: 'retried', enqueued: [] });
  });

  it('lets the clock run for a handler that waits: its time ends', async () => {
    const clock = fakeEnvironment();
    const begin = clock.now();
    const run = await runJob(untilAborted, note, { ...push, clock });
    expect(run).toMatchObject({ outcome: 'retried', error: { code: 'JobTimeout' } });
    expect([clock.now() - begin, clock.timers]).toEqual([1_000, 0]);
  });

  it.each(['before', 'while'])(
    'stops the worker when its signal is aborted %s the handler runs',
    async (when) => {
      const abort = new AbortController();
      if (when === 'before') abort.abort();
      let reason: unknown;
      const handler = async (_: Note, { signal }: HandlerContext) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        if (when === 'while') abort.abort();
        return untilAborted(_, { signal });
      };
      const run = await runJob(handler, note, { signal: abort.signal });
      expect(run).toMatchObject({ outcome: 'released', job: { attempt: 1 } });
      expect(reason).toMatchObject({ code: 'WorkerStopped' });
    },
  );

  it('parses the payload as a worker does, and refuses what an enqueue refuses', async () => {
    const mail = { jobs: defineJobs({ mail: job({ payload: letterSchema }) }), use: [schema()] };
    const run = await runJob((letter: unknown) => letter, { to: ['ada'] }, mail);
    expect(run).toMatchObject({ outcome: 'completed', result: { to: ['ada'], at: EPOCH } });
    await expect(runJob(() => {}, { to: 1 }, mail)).rejects.toMatchObject({ code: 'Payload' });
  });

  it('asks for a name when there is more than one', async () => {
    await expect(runJob(() => {}, note, { jobs })).rejects.toThrow(
      'name is undefined: expected one of note.push, note.told',
    );
  });

  it('refuses an option that there is not', async () => {
    // @ts-expect-error it is a part of `enqueue`
    await expect(runJob(() => {}, note, { id: 'a' })).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  it('is typed by its handler', async () => {
    const length = (payload: string) => payload.length;
    expectTypeOf(runJob(length, 'abc')).toEqualTypeOf<Promise<JobRun<number>>>();
    // @ts-expect-error the handler takes a string
    await runJob(length, 3).catch(() => {});
    const run = await runJob(length, 'abc');
    // @ts-expect-error only a run that completed has a result
    void run.result;
    if (run.outcome === 'completed') expectTypeOf(run.result).toEqualTypeOf<number>();
  });
});
