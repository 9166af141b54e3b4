import {
  checkpoints,
  count,
  defineJobs,
  enqueueMany,
  flows,
  get,
  job,
  list,
  type Middleware,
  middleware,
  results,
  schema,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, latch, setScene } from './scene.ts';
import { schemaOf } from './tiny-schema.ts';

interface Note {
  text: string;
  tags: string[];
}

const jobs = defineJobs({ push: job<Note>() });
const note = (): Note => ({ text: 'as it was', tags: ['a'] });

function spoil(given: Note): void {
  given.text = 'spoiled';
  given.tags.push('spoiled');
}

describe('a payload is what it was at the call,', () => {
  it('whatever becomes of it while its schema takes its time', async () => {
    const { promise, open } = latch();
    const payload = schemaOf<Note>(async (value) => {
      await promise;
      return { value: value as Note };
    });
    const { queue } = setScene({ push: job({ payload }) }, { use: [schema()] });
    const given = note();
    const enqueued = queue.enqueue('push', given, { id: 'x' });
    spoil(given);
    open();
    await enqueued;
    expect((await get(queue, 'x'))?.payload).toStrictEqual(note());
  });

  it('whatever its schema does to what it is given, now or later', async () => {
    const seen: Note[] = [];
    const payload = schemaOf<Note>((value) => {
      seen.push(value as Note);
      spoil(value as Note);
      return { value: value as Note };
    });
    const { queue } = setScene({ push: job({ payload }) }, { use: [schema()] });
    const given = note();
    const enqueued = queue.enqueue('push', given, { id: 'x' });
    for (const one of seen) spoil(one);
    await enqueued;
    expect(seen).toHaveLength(1);
    expect(given).toStrictEqual(note());
    expect((await get(queue, 'x'))?.payload).toStrictEqual(note());
  });

  it('whatever becomes of it while middleware waits, and of what it is to wait for', async () => {
    const { promise, open } = latch();
    const slow: Middleware = { name: 'slow', enqueue: (_, next) => promise.then(() => next()) };
    const { queue } = setScene(jobs, { use: [middleware([slow]), flows()] });
    const { id: first } = await ended(
      (async () => {
        const enqueued = queue.enqueue('push', note());
        open();
        return enqueued;
      })(),
    );
    const given = note();
    const dependsOn = [first];
    const enqueued = queue.enqueue('push', given, { id: 'x', dependsOn });
    spoil(given);
    dependsOn.push('nobody');
    await enqueued;
    expect((await get(queue, 'x'))?.payload).toStrictEqual(note());
  });

  it('as it was when a generator gave it, though that gives one object again and again', async () => {
    const { queue } = setScene(jobs);
    const row = { name: 'push' as const, payload: note(), priority: 0 };
    function* rows() {
      for (let n = 0; n < 5; n++) {
        row.payload.text = `row ${n}`;
        row.priority = -n;
        yield row;
      }
      spoil(row.payload);
    }
    await enqueueMany(queue, rows(), { chunkSize: 2 });
    const { jobs: listed } = await list(queue, { state: 'pending' });
    expect(listed.map(({ payload, priority }) => [(payload as Note).text, priority + 0])).toEqual(
      [0, 1, 2, 3, 4].map((n) => [`row ${n}`, 0 - n]),
    );
  });

  it('with every item of its list, though that is emptied and filled anew before all is enqueued', async () => {
    const { queue } = setScene(jobs);
    const items = Array.from({ length: 5 }, () => ({ name: 'push' as const, payload: note() }));
    const done = enqueueMany(queue, items, { chunkSize: 2 });
    for (const { payload } of items) spoil(payload);
    items.length = 1;
    expect(await done).toMatchObject({ enqueued: 5 });
    const { jobs: listed } = await list(queue, { state: 'pending' });
    expect(listed.map(({ payload }) => payload)).toStrictEqual(Array.from({ length: 5 }, note));
  });

  it('or is refused: an item that cannot be stored keeps its place among the errors', async () => {
    const { queue } = setScene(jobs);
    const push = (payload: unknown) => ({ name: 'push' as const, payload: payload as Note });
    const items = [push(note()), push({ text: () => 1 }), push(note()), push(Symbol('no'))];
    const { enqueued, errors } = await enqueueMany(queue, items, { chunkSize: 4, continueOnError: true });
    expect(enqueued).toBe(2);
    expect(errors.map(({ index, error }) => [index, (error as Error).message])).toEqual([
      [1, 'payload.text is a function: it cannot be stored'],
      [3, 'payload is a symbol: it cannot be stored'],
    ]);
    const first = enqueueMany(queue, [push({ text: () => 1 }), push(note())], { chunkSize: 1 });
    await expect(first).rejects.toThrow('payload.text is a function');
    expect(await count(queue)).toMatchObject({ pending: 2 });
  });
});

describe('what a handler leaves is refused by its name and place:', () => {
  const bad = () => ({ list: [0, new Proxy(new Date(0), {})] });

  it('progress and checkpoints at once, so that the handler hears of it', async () => {
    const { queue, environment } = setScene(
      { push: job<Note>({ maxAttempts: 1 }) },
      { use: [checkpoints()] },
    );
    await queue.enqueue('push', note());
    const heard: string[] = [];
    const hear = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        heard.push((error as Error).message.split(':')[0] ?? '');
      }
    };
    work(queue, {
      push: (_, context) => {
        hear(() => context.progress(bad()));
        hear(() => context.checkpoint(bad()));
      },
    });
    await environment.advance(100);
    expect(heard).toEqual(['progress.list[1] is a Date', 'checkpoint.list[1] is a Date']);
    expect(await count(queue)).toMatchObject({ completed: 1, dead: 0 });
  });

  it('a result when its job is done, and the job stays done', async () => {
    const { queue, environment } = setScene(jobs, { use: [results({ keepResultMs: { push: 60_000 } })] });
    await queue.enqueue('push', note());
    const heard: string[] = [];
    queue.on('worker:error', ({ error }) => heard.push((error as Error).message.split(':')[0] ?? ''));
    work(queue, { push: bad });
    await environment.advance(100);
    expect(heard).toEqual(['result.list[1] is a Date']);
    expect(await count(queue)).toMatchObject({ completed: 1, dead: 0 });
  });
});
