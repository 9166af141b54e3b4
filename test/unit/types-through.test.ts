import {
  checkpoints,
  createQueue,
  type Definitions,
  defineJobs,
  enqueueFlow,
  enqueueMany,
  explain,
  exportJobs,
  flows,
  get,
  type Job,
  type JobOf,
  job,
  list,
  listAll,
  memoryStore,
  type Queue,
  remoteQueue,
  result,
  results,
  type Storable,
  work,
} from 'holdfast';
import { workerPool, workerQueue } from 'holdfast/comlink';
import { durableObjectQueue, httpQueue, queueClient } from 'holdfast/edge';
import * as react from 'holdfast/react';
import * as solid from 'holdfast/solid';
import * as svelte from 'holdfast/svelte';
import * as vue from 'holdfast/vue';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Letter, type LetterInput, letterSchema } from './tiny-schema.ts';

interface Note {
  readonly id: string;
}
interface Photo {
  readonly pixels: Uint8Array;
}
interface Shrunk {
  readonly url: string;
}

const jobs = defineJobs({
  'note.push': job<Note, { results: { photo: Shrunk } }>(),
  'photo.shrink': job<Photo, { result: Shrunk; progress: number; checkpoint: { row: number } }>(),
  letter: job<typeof letterSchema, { result: number }>({ payload: letterSchema }),
});
type Jobs = typeof jobs;

const open = () =>
  createQueue({
    name: 'sync',
    jobs,
    store: memoryStore(),
    use: [results(), checkpoints(), flows()],
  });

/** For the compiler only: what is inside is never run. */
const compiled = (_never: () => unknown) => expect(true).toBe(true);

/** What each handle has to carry. */
async function readsTyped(queue: Queue<Jobs>) {
  const job = await get(queue, 'a');
  if (job?.name === 'note.push') expectTypeOf(job.payload).toEqualTypeOf<Note>();
  const { id } = await queue.enqueue('photo.shrink', { pixels: new Uint8Array() });
  expectTypeOf(await result(queue, id)).toEqualTypeOf<Shrunk>();
}

describe('types of a job', () => {
  it('are found by its name, in whatever way it is read', () => {
    compiled(async () => {
      const queue = open();
      const one = await get(queue, 'a');
      expectTypeOf(one).toEqualTypeOf<JobOf<Jobs> | undefined>();
      if (one?.name === 'photo.shrink') {
        expectTypeOf(one.payload).toEqualTypeOf<Photo>();
        expectTypeOf(one.progress).toEqualTypeOf<number | undefined>();
        expectTypeOf(one.checkpoint).toEqualTypeOf<{ row: number } | undefined>();
        expectTypeOf(one.result).toEqualTypeOf<Shrunk | undefined>();
      }
      if (one?.name === 'note.push') expectTypeOf(one.payload).toEqualTypeOf<Note>();
      const waiting = await explain(queue, 'a');
      if (waiting?.job.name === 'note.push') expectTypeOf(waiting.job.payload).toEqualTypeOf<Note>();
      for await (const each of listAll(queue, { state: 'dead' }))
        if (each.name === 'note.push') expectTypeOf(each.payload).toEqualTypeOf<Note>();
      for await (const { job: each, item } of exportJobs(queue)) {
        expectTypeOf(each).toEqualTypeOf<JobOf<Jobs>>();
        if (item) await enqueueMany(queue, [item]);
      }
    });
  });

  it('are those of one name, where only that is listed', () => {
    compiled(async () => {
      const queue = open();
      const { jobs: dead } = await list(queue, { state: 'dead', name: 'photo.shrink' });
      expectTypeOf(dead).toEqualTypeOf<readonly JobOf<Jobs, 'photo.shrink'>[]>();
      for await (const each of listAll(queue, { state: 'dead', name: 'note.push' }))
        expectTypeOf(each.payload).toEqualTypeOf<Note>();
      // @ts-expect-error no such job
      void list(queue, { state: 'dead', name: 'photo.shirnk' });
    });
  });

  it('are known by the id that an enqueue returned', () => {
    compiled(async () => {
      const queue = open();
      const { id } = await queue.enqueue('photo.shrink', { pixels: new Uint8Array() }, { keepResultMs: 1 });
      expectTypeOf(await result(queue, id)).toEqualTypeOf<Shrunk>();
      expectTypeOf(await get(queue, id)).toEqualTypeOf<JobOf<Jobs, 'photo.shrink'> | undefined>();
      const text: string = id;
      expectTypeOf(await result(queue, text)).toEqualTypeOf<unknown>();
      const { photo } = await enqueueFlow(queue, {
        photo: { name: 'photo.shrink', payload: { pixels: new Uint8Array() } },
        note: { name: 'note.push', payload: { id: 'a' }, dependsOn: 'photo' },
        last: { name: 'note.push', payload: { id: 'b' }, dependsOn: ['photo', 'note'] },
      });
      expectTypeOf(await result(queue, photo.id)).toEqualTypeOf<Shrunk>();
    });
  });

  it('are asked of a flow, whose steps wait for steps that there are, and that return what is expected', () => {
    compiled(async () => {
      const note = { name: 'note.push', payload: { id: 'a' } } as const;
      // @ts-expect-error no such step
      void enqueueFlow(open(), { first: note, second: { ...note, dependsOn: 'frist' } });
      // @ts-expect-error it waits for itself
      void enqueueFlow(open(), { first: note, second: { ...note, dependsOn: ['first', 'second'] } });
      // @ts-expect-error what its first step returns is no result of a photo
      void enqueueFlow(open(), { photo: note, second: { ...note, dependsOn: 'photo' } });
      const photo = { name: 'photo.shrink', payload: { pixels: new Uint8Array() } } as const;
      void enqueueFlow(open(), { photo, second: { ...note, dependsOn: 'photo' }, third: note });
      // @ts-expect-error the payload of another job
      void enqueueFlow(open(), { first: { name: 'photo.shrink', payload: { id: 'a' } } });
    });
  });

  it('are told by its events', () => {
    compiled(() => {
      const queue = open();
      queue.on('job:dead', ({ job: dead }) => {
        if (dead.name === 'photo.shrink') expectTypeOf(dead.payload).toEqualTypeOf<Photo>();
      });
      queue.on('job:retried', ({ job: retried }) => expectTypeOf(retried).toEqualTypeOf<JobOf<Jobs>>());
      queue.on('job:enqueued', ({ name }) => expectTypeOf(name).toEqualTypeOf<keyof Jobs>());
    });
  });

  it('are asked of its handler, and given to it', () => {
    compiled(() =>
      work(open(), {
        'photo.shrink': async (photo, { job: own, progress, checkpoint }) => {
          expectTypeOf(photo).toEqualTypeOf<Photo>();
          expectTypeOf(own.checkpoint).toEqualTypeOf<{ row: number } | undefined>();
          progress(0.5);
          await checkpoint({ row: 1 });
          // @ts-expect-error a text for a number
          progress('half');
          // @ts-expect-error no row
          await checkpoint({});
          return { url: 'https://a.example' };
        },
        // @ts-expect-error a text for a number
        letter: async () => 'sent',
        'note.push': (_, { job: own }) => {
          expectTypeOf(own.results).toEqualTypeOf<Readonly<Partial<{ photo: Shrunk }>> | undefined>();
        },
      }),
    );
    // What runs in a pool returns what only its thread knows.
    compiled(() => {
      const pool = workerPool('pool.js', { names: ['photo.shrink', 'letter'] });
      return work(open(), pool.handlers);
    });
  });

  it('are what is stored, where a schema makes something else of it', () => {
    expectTypeOf<JobOf<Jobs, 'letter'>['payload']>().toEqualTypeOf<LetterInput>();
    compiled(() =>
      work(open(), {
        letter: (letter) => {
          expectTypeOf(letter).toEqualTypeOf<Letter>();
          return 1;
        },
      }),
    );
  });

  it('are the same on each handle', () => {
    compiled(async () => {
      await readsTyped(open());
      await readsTyped(remoteQueue({ name: 'sync', jobs, send: async () => undefined as never }));
      await readsTyped(httpQueue('https://a.example', { jobs }));
      await readsTyped(queueClient({} as never, 'sync', { jobs }));
      await readsTyped(durableObjectQueue({} as never, { name: 'sync', jobs }));
      await readsTyped(workerQueue({ name: 'sync', jobs, worker: {} as Worker }));
    });
  });

  it('are those of what each framework shows', () => {
    compiled(() => {
      const queue = open();
      expectTypeOf(react.useJob(queue, 'a').data).toEqualTypeOf<JobOf<Jobs> | undefined>();
      expectTypeOf(
        react.useJobs(queue, { state: 'dead', name: 'note.push' }).data?.jobs[0]?.payload,
      ).toEqualTypeOf<Note | undefined>();
      const { data: saved } = react.useEnqueue(queue, 'photo.shrink');
      expectTypeOf(react.useJob(queue, saved?.id).data).toEqualTypeOf<
        JobOf<Jobs, 'photo.shrink'> | undefined
      >();
      expectTypeOf(vue.useJob(queue, saved?.id).data.value).toEqualTypeOf<
        JobOf<Jobs, 'photo.shrink'> | undefined
      >();
      expectTypeOf(vue.useDeadLetters(queue).data.value?.jobs[0]).toEqualTypeOf<JobOf<Jobs> | undefined>();
      expectTypeOf(svelte.createJob(queue, () => saved?.id).data).toEqualTypeOf<
        JobOf<Jobs, 'photo.shrink'> | undefined
      >();
      const pushes = svelte.createJobs(queue, () => ({ state: 'pending', name: 'note.push' }));
      expectTypeOf(pushes.data?.jobs[0]?.payload).toEqualTypeOf<Note | undefined>();
      const dead = solid.createDeadLetters(queue, () => ({ name: 'note.push' }));
      expectTypeOf(dead.data?.jobs[0]?.payload).toEqualTypeOf<Note | undefined>();
      void solid.createEnqueue(queue, 'note.push').enqueue({ id: 'a' }, { dependsOn: 'b' });
      // @ts-expect-error the payload of another job
      void solid.createEnqueue(queue, 'note.push').enqueue({ pixels: new Uint8Array() });
      // @ts-expect-error no such job
      react.useEnqueue(queue, 'note.pusj');
    });
  });

  it('are unknown where the definitions are, and one that is known is taken there', () => {
    compiled(async () => {
      const queue: Queue<Definitions, object> = open();
      expectTypeOf(await get(queue, 'a')).toEqualTypeOf<Job | undefined>();
      expectTypeOf(await result(queue, 'a')).toEqualTypeOf<unknown>();
      const known: Job = {} as JobOf<Jobs>;
      return known;
    });
  });
});

describe('the type of a payload', () => {
  it('may be whatever the payload set has', () => {
    interface Tree {
      readonly children: readonly Tree[];
      readonly at?: Date;
    }
    compiled(() => [
      job<Tree>(),
      job<Map<string, Set<bigint>>>(),
      job<{ readonly bytes: ArrayBuffer; readonly pixels: Float32Array; readonly file: File | Blob }>(),
      job<'a' | 1 | true | null | undefined>(),
      job<readonly [string, number?]>(),
      job<Record<string, unknown>>(),
      job<string & { readonly brand: unique symbol }>(),
      job<unknown>(),
      job<void>(),
      job<never>(),
      job<{ readonly kind: 'a'; readonly a: number } | { readonly kind: 'b'; readonly b?: string }>(),
      job<Note, { result: null; progress: { done: number; of: number } }>(),
    ]);
  });

  it('may not be one that no store could keep', () => {
    class Account {
      readonly #key = 'k';
      readonly id = this.#key;
    }
    compiled(() => [
      // @ts-expect-error a function
      job<() => void>(),
      // @ts-expect-error a function inside
      job<{ readonly id: string; readonly done: () => void }>(),
      // @ts-expect-error a function in one case of several
      job<string | { readonly done?: () => void }>(),
      // @ts-expect-error an instance of a class, by its methods
      job<{ readonly url: URL }>(),
      // @ts-expect-error an instance of a class, by its private fields
      job<Account>(),
      // @ts-expect-error a symbol
      job<{ readonly key: symbol }>(),
      // @ts-expect-error a promise
      job<Promise<string>>(),
      // @ts-expect-error in a list
      job<readonly RegExp[]>({ maxAttempts: 3 }),
      // @ts-expect-error in a Map
      job<Map<string, WeakMap<object, string>>>(),
      // @ts-expect-error a result
      job<Note, { result: Response }>(),
      // @ts-expect-error no such type
      job<Note, { reslut: number }>(),
    ]);
  });

  it('can be asked of a function around `job`', () => {
    const pushOf = <Payload extends Storable<Payload>>() => job<Payload>({ maxAttempts: 3 });
    compiled(() => [
      pushOf<Note>(),
      // @ts-expect-error a function
      pushOf<() => void>(),
    ]);
  });
});
