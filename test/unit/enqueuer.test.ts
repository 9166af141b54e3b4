import {
  createEnqueuer,
  defineJobs,
  type EnqueuerOptions,
  type EnqueueStore,
  job,
  memoryBacking,
  memoryStore,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>(), tell: job<{ to: string }>({ version: 2 }) });
type Options = Partial<Omit<EnqueuerOptions<typeof jobs>, 'name' | 'jobs' | 'store' | 'environment'>>;

/** An enqueuer, and a queue of the same name and owner over the same rows. */
function setBoth(options: Options = {}) {
  const backing = memoryBacking();
  const environment = fakeEnvironment();
  const store = memoryStore({ backing });
  const enqueuer = createEnqueuer({ name: 'sync', jobs, store, environment, ...options });
  const { queue } = setScene(jobs, { backing, environment, ...options });
  return { enqueuer, queue, environment, backing };
}

async function runs({ queue, environment }: ReturnType<typeof setBoth>): Promise<string[]> {
  const ran: string[] = [];
  const worker = queue.work({
    push: (word) => void ran.push(word),
    tell: ({ to }) => void ran.push(`to ${to}`),
  });
  await environment.advance(1_000);
  await Promise.all([worker.stop(), environment.advance(10)]);
  return ran;
}

describe('what an enqueuer accepted', () => {
  it('is run by a queue of the same name', async () => {
    const both = setBoth();
    await both.enqueuer.enqueue('push', 'second');
    await both.enqueuer.enqueue('push', 'first', { priority: 'high' });
    expect(await runs(both)).toEqual(['first', 'second']);
  });

  it('is run by the queue of its owner, and by no other', async () => {
    const ann = setBoth({ owner: 'ann' });
    const { queue: everyones } = setScene(jobs, { backing: ann.backing, environment: ann.environment });
    await ann.enqueuer.enqueue('push', 'a');
    expect(await runs({ ...ann, queue: everyones })).toEqual([]);
    expect(await runs(ann)).toEqual(['a']);
  });

  it('may be a batch, an iterable or a flow', async () => {
    const both = setBoth();
    const { enqueuer } = both;
    await enqueuer.enqueueMany([
      { name: 'push', payload: 'a' },
      { name: 'tell', payload: { to: 'b' } },
    ]);
    const words = new Set(['c', 'd'].map((payload) => ({ name: 'push', payload }) as const));
    expect(await enqueuer.enqueueMany(words, { chunkSize: 1 })).toMatchObject({ enqueued: 2 });
    const flow = await enqueuer.enqueueFlow({
      last: { name: 'push', payload: 'f', dependsOn: 'first' },
      first: { name: 'push', payload: 'e' },
    });
    expect(flow.last.status).toBe('enqueued');
    expect(await runs(both)).toEqual(['a', 'to b', 'c', 'd', 'e', 'f']);
  });

  it('is one job with what a queue enqueued under the same key', async () => {
    const { enqueuer, queue } = setBoth();
    const { id } = await queue.enqueue('push', 'a', { idempotencyKey: 'k' });
    expect(await enqueuer.enqueue('push', 'b', { idempotencyKey: 'k' })).toEqual({ id, status: 'duplicate' });
  });

  it('is told as events where it was enqueued', async () => {
    const { enqueuer } = setBoth({ maxDepth: 1, onFull: 'drop-oldest' });
    const told: string[] = [];
    for (const event of ['job:enqueued', 'job:duplicate', 'job:dropped'] as const)
      enqueuer.on(event, ({ id }) => told.push(`${event} ${id}`));
    await enqueuer.enqueue('push', 'a', { id: 'a' });
    await enqueuer.enqueue('push', 'a', { id: 'a' });
    await enqueuer.enqueue('push', 'b', { id: 'b' });
    expect(told).toEqual(['job:enqueued a', 'job:duplicate a', 'job:dropped a', 'job:enqueued b']);
  });

  it('went through its middleware', async () => {
    const seen: string[] = [];
    const both = setBoth({
      owner: 'ann',
      middleware: [
        {
          enqueue: (call, next) => {
            seen.push(call.queue);
            return next({ payload: `${call.payload}!` });
          },
        },
      ],
    });
    await both.enqueuer.enqueue('push', 'a');
    expect(await runs(both)).toEqual(['a!']);
    expect(seen).toEqual(['sync']);
  });
});

describe('an enqueuer refuses what a queue refuses, with the same error', () => {
  const error = (promise: Promise<unknown>) =>
    promise.then(
      () => 'nothing',
      ({ code, message }) => ({ code, message }),
    );

  it.each<[string, readonly [name: never, payload: unknown, options?: object]]>([
    ['an unknown name', ['pull' as never, 'a']],
    ['a payload that cannot be stored', ['push' as never, () => 'a']],
    ['a mistyped option', ['push' as never, 'a', { delay: 5 }]],
    ['a bad priority', ['push' as never, 'a', { priority: 101 }]],
    ['a job too many', ['push' as never, 'b']],
    ['a dependency that is not there', ['push' as never, 'a', { dependsOn: 'nobody' }]],
  ])('%s', async (_what, [name, payload, options]) => {
    const { enqueuer, queue } = setBoth({ maxDepth: 1 });
    await queue.enqueue('push', 'a');
    const refused = await error(enqueuer.enqueue(name, payload as never, options));
    expect(refused).toEqual(await error(queue.enqueue(name, payload as never, options)));
    expect(refused).toHaveProperty('code');
    expect(await queue.count()).toMatchObject({ pending: 1 });
  });
});

describe('createEnqueuer refuses at once', () => {
  const good = { name: 'q', jobs, store: memoryStore() };

  it.each<[string, unknown, string]>([
    ['an empty name', { ...good, name: '' }, 'name is "": expected a text'],
    ['no store', { name: 'q', jobs }, 'store is undefined: expected a store such as memoryStore()'],
    ['a store that is none', { ...good, store: { enqueue() {} } }, 'store is an object: expected a store'],
    ['no jobs', { name: 'q', store: good.store }, 'jobs is undefined: expected an object of definitions'],
    ['an option of queues', { ...good, ageing: 5 }, 'createEnqueuer options is "ageing": expected only name'],
    ['nothing at all', undefined, 'createEnqueuer options is undefined'],
    ['a depth of 0', { ...good, maxDepth: 0 }, 'maxDepth is 0: expected a whole number, 1 or more'],
    ['an empty owner', { ...good, owner: '' }, 'owner is "": expected a text'],
    [
      'a clock that is none',
      { ...good, environment: {} },
      'environment is an object: expected an object with',
    ],
    ['middleware that is none', { ...good, middleware: [{}] }, 'middleware[0] is an object: expected'],
  ])('%s', (_what, options, message) => {
    expect(() => createEnqueuer(options as EnqueuerOptions)).toThrow(message);
  });
});

describe('close of an enqueuer', () => {
  it('waits for enqueues under way, closes its store, and is once', async () => {
    const { enqueuer, queue } = setBoth();
    const accepted = enqueuer.enqueue('push', 'a');
    const closing = enqueuer.close();
    expect(enqueuer.close()).toBe(closing);
    await closing;
    expect((await accepted).status).toBe('enqueued');
    expect(await queue.count()).toMatchObject({ pending: 1 });
    await expect(enqueuer.enqueue('push', 'b')).rejects.toMatchObject({
      code: 'StoreClosed',
      message: 'queue "sync" is closed',
    });
  });

  it('happens at the end of its block', async () => {
    let closed = false;
    const { enqueue } = memoryStore();
    const store: EnqueueStore = {
      enqueue,
      close: async () => {
        closed = true;
      },
    };
    {
      await using enqueuer = createEnqueuer({ name: 'sync', jobs, store });
      await enqueuer.enqueue('push', 'a');
      expect(closed).toBe(false);
    }
    expect(closed).toBe(true);
  });
});

it('an enqueuer has the types of its jobs', () => {
  const { enqueuer } = setBoth();
  const never = () => [
    enqueuer.enqueue('tell', { to: 'a' }),
    // @ts-expect-error the payload of another job
    enqueuer.enqueue('push', { to: 'a' }),
    // @ts-expect-error no such job
    enqueuer.enqueueMany([{ name: 'pull', payload: 'a' }]),
    // @ts-expect-error it tells of no runs
    enqueuer.on('job:started', () => undefined),
    // @ts-expect-error a step that is not there
    enqueuer.enqueueFlow({ a: { name: 'push', payload: 'a' } }).then((flow) => flow.b),
  ];
  expect(never).toBeTypeOf('function');
});
