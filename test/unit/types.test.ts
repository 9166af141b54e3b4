import {
  createQueue,
  type Definitions,
  defineJobs,
  drain,
  type EnqueueAnswer,
  enqueueMany,
  every,
  type Feature,
  type Handlers,
  hold,
  type Job,
  type JobOf,
  job,
  limits,
  list,
  memoryStore,
  type ParsedOf,
  type PayloadOf,
  type Prepared,
  prepare,
  type Queue,
  results,
  type StandardSchema,
  schedule,
  schedules,
  schema,
  type Worker,
  work,
} from 'holdfast';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { type Letter, type LetterInput, letterSchema } from './tiny-schema.ts';

interface Note {
  readonly id: string;
  readonly text?: string;
}

const jobs = defineJobs({
  'note.push': job<Note>({ maxAttempts: 8 }),
  'mail.send': job<{ to: string[] }>(),
  ping: job(),
});

type Jobs = typeof jobs;

const open = () => createQueue({ name: 'sync', jobs, store: memoryStore() });

/** For the compiler only: what is inside is never run. */
const compiled = (_never: () => unknown) => expect(true).toBe(true);

describe('the payload of a job', () => {
  it('is what its definition says', () => {
    expectTypeOf<PayloadOf<Jobs['note.push']>>().toEqualTypeOf<Note>();
    expectTypeOf<PayloadOf<Jobs['mail.send']>>().toEqualTypeOf<{ to: string[] }>();
    expectTypeOf<PayloadOf<Jobs['ping']>>().toEqualTypeOf<unknown>();
  });

  it('is asked for by enqueue', () => {
    compiled(() => {
      const queue = open();
      expectTypeOf(queue.enqueue('note.push', { id: 'a' })).resolves.toExtend<EnqueueAnswer>();
      // @ts-expect-error the payload of another job
      void queue.enqueue('note.push', { to: ['a'] });
      // @ts-expect-error a part is missing
      void queue.enqueue('note.push', {});
      // @ts-expect-error a part is too much
      void queue.enqueue('note.push', { id: 'a', txt: 'mistyped' });
      // @ts-expect-error no such job
      void queue.enqueue('note.pull', { id: 'a' });
      // @ts-expect-error no payload
      void queue.enqueue('note.push');
    });
  });

  it('is asked for by prepare', () => {
    compiled(() => {
      const queue = open();
      expectTypeOf(prepare(queue, 'mail.send', { to: ['a'] })).resolves.toEqualTypeOf<Prepared>();
      // @ts-expect-error the payload of another job
      void prepare(queue, 'mail.send', { id: 'a' });
    });
  });

  it('is asked for by enqueueMany, of each item by its name', () => {
    compiled(() => {
      const queue = open();
      void enqueueMany(queue, [
        { name: 'note.push', payload: { id: 'a' }, priority: 'high' },
        { name: 'mail.send', payload: { to: [] }, delayMs: 5 },
      ]);
      // @ts-expect-error the payload of another job
      void enqueueMany(queue, [{ name: 'note.push', payload: { to: [] } }]);
    });
  });

  it('is given to the handler, whose context enqueues what the queue knows', () => {
    compiled(() =>
      work(open(), {
        'note.push': (note, context) => {
          expectTypeOf(note).toEqualTypeOf<Note>();
          expectTypeOf(context.job).toEqualTypeOf<Job<Note, 'note.push'>>();
          expectTypeOf(context.attempt).toEqualTypeOf<number>();
          expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(context.enqueue('mail.send', { to: [note.id] })).toEqualTypeOf<string>();
          expectTypeOf(context.release).returns.toEqualTypeOf<never>();
          // @ts-expect-error the payload of another job
          context.enqueue('mail.send', note);
          // @ts-expect-error no such job
          context.enqueue('mail.sent', { to: [] });
        },
        'mail.send': ({ to }) => {
          expectTypeOf(to).toEqualTypeOf<string[]>();
        },
        ping: (payload) => {
          expectTypeOf(payload).toEqualTypeOf<unknown>();
        },
      }),
    );
  });
});

describe('the payload of a job with a schema', () => {
  const schemed = defineJobs({
    letter: job({ payload: letterSchema, maxAttempts: 8 }),
    mail: job({ payload: z.object({ at: z.coerce.date<string>().default(new Date(0)), n: z.number() }) }),
    bare: { payload: letterSchema },
    plain: job<Note>(),
  });
  type Schemed = typeof schemed;
  const openSchemed = () =>
    createQueue({ name: 'sync', jobs: schemed, store: memoryStore(), use: [schema()] });

  it('is its input for enqueue and its output for the handler', () => {
    expectTypeOf<PayloadOf<Schemed['letter']>>().toEqualTypeOf<LetterInput>();
    expectTypeOf<ParsedOf<Schemed['letter']>>().toEqualTypeOf<Letter>();
    expectTypeOf<PayloadOf<Schemed['bare']>>().toEqualTypeOf<LetterInput>();
    expectTypeOf<ParsedOf<Schemed['bare']>>().toEqualTypeOf<Letter>();
    expectTypeOf<PayloadOf<Schemed['mail']>>().toEqualTypeOf<{ at?: string | undefined; n: number }>();
    expectTypeOf<ParsedOf<Schemed['mail']>>().toEqualTypeOf<{ at: Date; n: number }>();
    expectTypeOf<ParsedOf<Schemed['plain']>>().toEqualTypeOf<Note>();
    expectTypeOf<ParsedOf<Jobs['ping']>>().toEqualTypeOf<unknown>();
  });

  it('is asked for by enqueue, enqueueMany and prepare as its input', () => {
    compiled(() => {
      const queue = openSchemed();
      void queue.enqueue('letter', { to: ['a'], at: '2030-01-01' });
      void queue.enqueue('mail', { n: 1 });
      void enqueueMany(queue, [{ name: 'letter', payload: { to: ['a'] } }]);
      void prepare(queue, 'letter', { to: ['a'] });
      // @ts-expect-error the output of the schema
      void queue.enqueue('letter', { to: ['a'], at: new Date() });
      // @ts-expect-error a part is missing
      void queue.enqueue('mail', { at: '2030-01-01' });
      // @ts-expect-error the output of the schema
      void prepare(queue, 'letter', { to: ['a'], at: new Date() });
    });
  });

  it('is given to the handler as its output', () => {
    compiled(() =>
      work(openSchemed(), {
        letter: (letter, { enqueue }) => {
          expectTypeOf(letter).toEqualTypeOf<Letter>();
          enqueue('letter', { to: letter.to, at: '2030-01-01' });
          // @ts-expect-error the output of the schema
          enqueue('letter', letter);
        },
        mail: ({ at }) => {
          expectTypeOf(at).toEqualTypeOf<Date>();
        },
      }),
    );
  });

  it('comes from the schema alone', () => {
    compiled(() => {
      // @ts-expect-error a type and a schema
      job<Note>({ payload: letterSchema });
      // @ts-expect-error no schema
      job({ payload: { parse: () => 1 } });
      // @ts-expect-error the version to come
      job({ payload: { '~standard': { version: 2, vendor: 'x', validate: () => ({ value: 1 }) } } });
    });
  });

  it('takes what libraries declare as a Standard Schema', () => {
    expectTypeOf(z.string()).toExtend<StandardSchema<string, string>>();
  });
});

describe('handlers', () => {
  it('may be for a part of the names', () => {
    compiled(() => work(open(), { ping: () => {} }));
    compiled(() => drain(open(), {}));
  });

  it('must be for names of the queue, and functions', () => {
    compiled(() => {
      // @ts-expect-error no such job
      work(open(), { pong: () => {} });
      // @ts-expect-error no function
      work(open(), { ping: 'later' });
    });
  });

  it('can be written apart from their queue', () => {
    const handlers: Handlers<Jobs> = {
      'note.push': async ({ id }, { signal }) => {
        expectTypeOf(id).toEqualTypeOf<string>();
        signal.throwIfAborted();
      },
    };
    expect(Object.keys(handlers)).toEqual(['note.push']);
    compiled(() => {
      const wrong: Handlers<Jobs> = {
        // @ts-expect-error the payload of another job
        'note.push': (_note: { to: string[] }) => {},
      };
      return wrong;
    });
  });
});

describe('a queue', () => {
  it('of known jobs has their types', () => {
    expectTypeOf(open()).toEqualTypeOf<Queue<Jobs>>();
    expectTypeOf(work<Jobs>).returns.toEqualTypeOf<Worker>();
    expectTypeOf(hold<Jobs>)
      .parameter(1)
      .toEqualTypeOf<'note.push' | 'mail.send' | 'ping'>();
  });

  it('infers them from definitions in place too', () => {
    compiled(() => {
      const queue = createQueue({ name: 'q', jobs: { count: job<number>() }, store: memoryStore() });
      void queue.enqueue('count', 5);
      // @ts-expect-error a text for a number
      void queue.enqueue('count', '5');
    });
  });

  it('of unknown jobs takes any payload', () => {
    compiled(() => {
      const queue = createQueue<Definitions>({ name: 'q', jobs, store: memoryStore() });
      void queue.enqueue('note.push', { anything: 1 });
    });
  });

  it('refuses options that are none, and values that cannot be', () => {
    compiled(() => {
      const queue = open();
      // @ts-expect-error a mistyped option
      void queue.enqueue('ping', 1, { prority: 'high' });
      // @ts-expect-error a word that is no priority
      void queue.enqueue('ping', 1, { priority: 'urgent' });
      // @ts-expect-error no job is failed
      void list(queue, { state: 'failed' });
      // @ts-expect-error a text is no instant
      void queue.enqueue('ping', 1, { runAt: '2030-01-01' });
    });
  });

  it('tells events with their types', () => {
    compiled(() => {
      const queue = open();
      queue.on('job:completed', (event) => {
        expectTypeOf(event).toEqualTypeOf<{ readonly job: JobOf<Jobs>; readonly result: unknown }>();
      });
      queue.on('job:enqueued', ({ id, name }) => {
        expectTypeOf(id).toEqualTypeOf<string>();
        expectTypeOf(name).toEqualTypeOf<keyof Jobs>();
      });
      // @ts-expect-error no such event
      queue.on('job:done', () => {});
    });
  });
});

describe('what settings of features say of jobs', () => {
  const openWith = (use: readonly Feature[]) =>
    createQueue({ name: 'sync', jobs, store: memoryStore(), use });

  it('is of the jobs of the queue', () => {
    compiled(() => {
      const options = { name: 'sync', jobs, store: memoryStore() };
      const mail = { name: 'mail.send', recurrence: every(60_000) } as const;
      createQueue({ ...options, use: [limits({ ping: { maxActive: 1 }, 'note.push': { maxActive: 2 } })] });
      // @ts-expect-error one of the names is no job's
      createQueue({ ...options, use: [limits({ ping: { maxActive: 1 }, 'note.pull': { maxActive: 2 } })] });
      // @ts-expect-error no such job
      createQueue({ ...options, use: [results({ keepResultMs: { 'note.pull': 1_000 } })] });
      createQueue({ ...options, use: [schedules({ nightly: { ...mail, payload: { to: ['all'] } } })] });
      createQueue({
        ...options,
        use: [schedules({ nightly: schedule({ ...mail, payload: { to: ['all'] } }) })],
      });
      // @ts-expect-error the payload of another job
      createQueue({ ...options, use: [schedules({ nightly: { ...mail, payload: { id: 'a' } } })] });
    });
  });

  it('is checked by the run where only that knows the names', () => {
    const names: Readonly<Record<string, { readonly maxActive: number }>> = { 'note.push': { maxActive: 1 } };
    expect(() => openWith([limits(names)])).not.toThrow();
    expect(() => openWith([limits({ ...names, 'note.pull': { maxActive: 1 } })])).toThrow('note.pull');
  });
});
