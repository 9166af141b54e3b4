import {
  count,
  DeadLetterError,
  type EnqueueResult,
  enqueueMany,
  fixed,
  get,
  job,
  list,
  type Middleware,
  MiddlewareError,
  middleware,
  prepare,
  RetryLaterError,
  schema,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, joinable, latch, pass, setScene } from './scene.ts';
import { letterSchema } from './tiny-schema.ts';

const backoff = fixed({ delayMs: 1_000 });
const jobs = { push: job<unknown>({ backoff }), pull: job<unknown>({ backoff }) };

/** One that tells when it is entered and left. */
const telling = (told: string[], name: string): Middleware => ({
  name,
  async enqueue(call, next) {
    told.push(`${name} in ${call.name}`);
    const { status } = await next();
    told.push(`${name} out ${status}`);
  },
  async run({ job: { name: job }, attempt }, next) {
    told.push(`${name} in ${job} ${attempt}`);
    told.push(`${name} out ${await next()}`);
  },
});

function working(list: readonly Middleware[], handler: (payload: unknown) => unknown = () => 'done') {
  const scene = setScene(jobs, { use: [middleware(list)] });
  const ends: unknown[] = [];
  const errors: unknown[] = [];
  scene.queue.on('job:completed', ({ result }) => ends.push(['completed', result]));
  scene.queue.on('job:retried', ({ error }) => ends.push(['retried', error.name, error.message]));
  scene.queue.on('job:dead', ({ error }) => ends.push(['dead', error.name, error.message]));
  scene.queue.on('worker:error', ({ error }) => errors.push(error));
  work(scene.queue, { push: handler, pull: handler });
  return { ...scene, ends, errors };
}

describe('middleware around enqueue', () => {
  it('goes from the first to the last and back, and sees the answer of the store', async () => {
    const told: string[] = [];
    const { queue } = setScene(jobs, { use: [middleware([telling(told, 'a'), telling(told, 'b')])] });
    await queue.enqueue('push', 1);
    expect(told).toEqual(['a in push', 'b in push', 'b out enqueued', 'a out enqueued']);
  });

  it('sees the name, a copy of the payload, the options and the id that the job will have', async () => {
    const seen: unknown[] = [];
    const payload = { n: 1 };
    const { queue } = setScene(jobs, {
      use: [
        middleware([
          {
            enqueue(call, next) {
              seen.push(call);
              expect(call.payload).not.toBe(payload);
              return next();
            },
          },
        ]),
      ],
    });
    const { id } = await queue.enqueue('push', payload, { tags: ['x'], runAt: new Date(5) });
    const options = { tags: ['x'], runAt: 5 };
    expect(seen).toEqual([{ queue: 'sync', name: 'push', id, payload, options, batchSize: 1 }]);
  });

  it('changes payload and options by what it gives to next', async () => {
    const { queue } = setScene(jobs, {
      use: [
        middleware([
          {
            enqueue: (call, next) =>
              next({
                payload: [call.payload],
                options: { ...call.options, headers: { tenant: 'a' }, tags: ['eu'], priority: 'high' },
              }),
          },
        ]),
      ],
    });
    const { id } = await queue.enqueue('push', 1, { lane: 'doc' });
    expect(await get(queue, id)).toMatchObject({
      payload: [1],
      lane: 'doc',
      headers: { tenant: 'a' },
      tags: ['eu'],
      priority: 10,
    });
  });

  it('may complete a payload for its schema, and what it passes on is checked like any caller’s', async () => {
    const complete: Middleware = {
      name: 'complete',
      enqueue: (call, next) => next({ payload: { to: call.options.tags ?? 7 } }),
    };
    const { queue } = setScene(
      { send: job({ payload: letterSchema }) },
      { use: [schema(), middleware([complete])] },
    );
    const { id } = await queue.enqueue('send', {} as never, { tags: ['a'] });
    expect(await get(queue, id)).toMatchObject({ payload: { to: ['a'] } });
    await expect(queue.enqueue('send', {} as never)).rejects.toMatchObject({ code: 'Payload' });
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it.each<[string, Middleware['enqueue'] & object, string]>([
    ['throws', () => Promise.reject(new TypeError('not you')), 'middleware "guard" threw: not you'],
    [
      'throws at once',
      () => {
        throw 'no';
      },
      'middleware "guard" threw: "no"',
    ],
    ['returns without next', () => ({ id: 'x', status: 'enqueued' }), 'neither called next nor threw'],
    [
      'changes the id',
      (_, next) => next({ options: { id: 'own' } }),
      'id is "own": expected that of the call',
    ],
    [
      'passes on what is no option',
      (_, next) => next({ lane: 'x' } as never),
      'what next is given is "lane"',
    ],
  ])('that %s refuses the job by its name, and nothing is stored', async (_, enqueue, message) => {
    const inner: string[] = [];
    const use = [middleware([{ name: 'guard', enqueue }, telling(inner, 'inner')])];
    const { queue, store } = setScene(jobs, { use });
    const refused = queue.enqueue('push', 1);
    await expect(refused).rejects.toThrow(MiddlewareError);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ code: 'Middleware' });
    expect([inner, store.callsOf('enqueue')]).toEqual([[], 0]);
  });

  it('has what it threw as the cause of the refusal', async () => {
    const own = new TypeError('not you');
    const { queue } = setScene(jobs, { use: [middleware([{ enqueue: () => Promise.reject(own) }])] });
    await expect(queue.enqueue('push', 1)).rejects.toMatchObject({
      message: 'middleware "middleware[0]" threw: not you',
      cause: own,
    });
  });

  it('that throws when the job is stored is told, and the answer stands', async () => {
    const late: Middleware = {
      name: 'late',
      enqueue: async (_, next) => {
        await next();
        throw new Error('too late');
      },
    };
    const { queue, errors } = working([late]);
    expect(await queue.enqueue('push', 1)).toMatchObject({ status: 'enqueued' });
    expect(errors).toMatchObject([{ code: 'Middleware', message: 'middleware "late" threw: too late' }]);
  });

  it('that calls next twice stores one job, and is told', async () => {
    const twice: Middleware = {
      name: 'twice',
      enqueue: async (_, next) => {
        void next();
        await next();
      },
    };
    const { queue, errors } = working([twice]);
    expect(await queue.enqueue('push', 1)).toMatchObject({ status: 'enqueued' });
    const { pending, active } = await count(queue);
    expect(pending + active).toBe(1);
    expect(errors).toMatchObject([{ message: 'middleware "twice" called next twice' }]);
  });

  it('cannot answer in the place of the store, nor swallow what refuses the job', async () => {
    const lying: Middleware = {
      enqueue: async (_, next) => {
        await next().catch(() => undefined);
        return { id: 'invented', status: 'enqueued' };
      },
    };
    const { queue } = setScene(jobs, { use: [middleware([lying])], maxDepth: 1 });
    expect(await queue.enqueue('push', 1, { id: 'real' })).toEqual({ id: 'real', status: 'enqueued' });
    await expect(queue.enqueue('push', 2)).rejects.toMatchObject({ code: 'QueueFull' });
  });

  it('keeps the answer waiting until it has ended', async () => {
    const { promise, open } = latch();
    const { queue, environment } = setScene(jobs, {
      use: [middleware([{ enqueue: (_, next) => next().then(() => promise) }])],
    });
    let answered = false;
    const enqueued = queue.enqueue('push', 1).then(() => {
      answered = true;
    });
    await environment.flush();
    expect([answered, (await count(queue)).pending]).toEqual([false, 1]);
    open();
    await ended(enqueued);
  });

  it('does not let in what the caller changes after the call', async () => {
    const { promise, open } = latch();
    const { queue } = setScene(jobs, {
      use: [middleware([{ enqueue: (_, next) => promise.then(() => next()) }])],
    });
    const payload = { n: 1 };
    const options = { tags: ['a'], headers: { a: 'b' } };
    const enqueued = queue.enqueue('push', payload, options);
    payload.n = 2;
    options.tags.push('b');
    options.headers.a = 'c';
    open();
    const { id } = await enqueued;
    expect(await get(queue, id)).toMatchObject({ payload: { n: 1 }, tags: ['a'], headers: { a: 'b' } });
  });

  it('is not asked for a job whose name is unknown', async () => {
    const told: string[] = [];
    const { queue } = setScene(jobs, { use: [middleware([telling(told, 'a')])] });
    await expect(queue.enqueue('other' as never, 1 as never)).rejects.toMatchObject({ code: 'UnknownJob' });
    expect(told).toEqual([]);
  });

  it('waits in a queue that is closed meanwhile: nothing is stored', async () => {
    const { promise, open } = latch();
    const { queue, store } = setScene(jobs, {
      use: [middleware([{ enqueue: (_, next) => promise.then(() => next()) }])],
    });
    const enqueued = queue.enqueue('push', 1);
    await queue.close();
    open();
    await expect(enqueued).rejects.toMatchObject({ code: 'StoreClosed' });
    expect(store.callsOf('enqueue')).toBe(0);
  });
});

describe('middleware around enqueueMany', () => {
  const items = [1, 2, 3].map((payload) => ({ name: 'push' as const, payload }));

  it('is asked for each job, and all are stored in one call in their order', async () => {
    const waits = [30, 10, 20];
    const { queue, environment, store } = setScene(jobs, {
      use: [
        middleware([
          {
            enqueue: async ({ payload, batchSize }, next) => {
              expect(batchSize).toBe(3);
              await pass(environment, waits.shift() ?? 0);
              return next({ payload: `p${payload}` });
            },
          },
        ]),
      ],
    });
    const many = enqueueMany(queue, items);
    await environment.advance(100);
    const answers = await ended(many);
    expect(store.callsOf('enqueue')).toBe(1);
    const stored = await Promise.all(answers.map(({ id }) => get(queue, id)));
    expect(stored.map((one) => [one?.payload, one?.seq])).toEqual([
      ['p1', 1],
      ['p2', 2],
      ['p3', 3],
    ]);
  });

  it('that refuses one refuses the batch, tells it to the others, and nothing is stored', async () => {
    const others: unknown[] = [];
    const { queue, store } = setScene(jobs, {
      use: [
        middleware([
          {
            name: 'guard',
            enqueue: async ({ payload }, next) => {
              if (payload === 2) throw new Error('not this one');
              await next().catch((error) => others.push([payload, error.message]));
            },
          },
        ]),
      ],
    });
    await expect(enqueueMany(queue, items)).rejects.toThrow('middleware "guard" threw: not this one');
    expect(store.callsOf('enqueue')).toBe(0);
    expect(others).toEqual([
      [1, 'middleware "guard" threw: not this one'],
      [3, 'middleware "guard" threw: not this one'],
    ]);
  });

  it('is not asked for an empty batch', async () => {
    const { queue } = setScene(jobs, { use: [middleware([telling([], 'a')])] });
    expect(await enqueueMany(queue, [])).toEqual([]);
  });
});

describe('middleware around context.enqueue', () => {
  const fromJob =
    (enqueue: Middleware['enqueue'] & object): Middleware['enqueue'] & object =>
    (call, next) =>
      call.from === undefined ? next() : enqueue(call, next);

  it('sees the job whose handler enqueues, and answers `prepared`; both commit together', async () => {
    const seen: unknown[] = [];
    const scene = setScene(jobs, {
      use: [
        middleware([
          {
            enqueue: fromJob(async ({ from, id }, next) => {
              const answer = (await next({ options: { tags: ['chained'] } })) as EnqueueResult;
              seen.push(from?.payload, answer.status, answer.id === id);
            }),
          },
        ]),
      ],
    });
    await scene.queue.enqueue('push', 'first');
    let given = '';
    work(scene.queue, {
      push: (_, context) => {
        given = context.enqueue('pull', 'second');
      },
    });
    await scene.environment.flush();
    expect(seen).toEqual(['first', 'prepared', true]);
    expect(await get(scene.queue, given)).toMatchObject({ payload: 'second', tags: ['chained'] });
    expect(await count(scene.queue)).toMatchObject({ completed: 1, pending: 1 });
  });

  it('may take its time: the completion waits, and the order is that of the calls', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [
        middleware([
          {
            enqueue: fromJob(async ({ payload }, next) => {
              await pass(environment, payload === 1 ? 500 : 100);
              await next();
            }),
          },
        ]),
      ],
    });
    await queue.enqueue('push', 0);
    work(queue, {
      push: (_, context) => {
        context.enqueue('pull', 1);
        context.enqueue('pull', 2);
      },
    });
    await environment.advance(400);
    expect(await count(queue)).toMatchObject({ active: 1, completed: 0, pending: 0 });
    await environment.advance(200);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 2 });
    const { jobs: stored } = await list(queue, { state: 'pending' });
    expect(stored.map(({ payload }) => payload)).toEqual([1, 2]);
  });

  it('that refuses makes the attempt a failed one, and nothing it enqueued is stored', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [
        middleware([
          {
            name: 'chained',
            enqueue: fromJob((call, next) => (call.payload === 2 ? Promise.reject(new Error('no')) : next())),
          },
        ]),
      ],
    });
    await queue.enqueue('push', 0, { id: 'first' });
    work(queue, {
      push: (_, context) => {
        context.enqueue('pull', 1);
        context.enqueue('pull', 2);
      },
    });
    await environment.flush();
    expect(await count(queue)).toMatchObject({ completed: 0, pending: 1 });
    expect(await get(queue, 'first')).toMatchObject({
      failures: 1,
      errors: [{ name: 'MiddlewareError', message: 'middleware "chained" threw: no' }],
    });
  });

  it('lets the handler hear at once of what cannot be enqueued, as long as no middleware waits', async () => {
    const { queue, environment } = setScene(jobs, { use: [middleware([{ enqueue: (_, next) => next() }])] });
    await queue.enqueue('push', 0);
    const heard: unknown[] = [];
    work(queue, {
      push: (_, context) => {
        for (const [name, payload, options] of [
          ['other', 1, {}],
          ['pull', () => 1, {}],
          ['pull', 1, { tags: 5 }],
        ] as const)
          try {
            context.enqueue(name as 'pull', payload, options as never);
          } catch (error) {
            heard.push((error as { code: string }).code);
          }
      },
    });
    await environment.flush();
    expect(heard).toEqual(['UnknownJob', 'Payload', 'InvalidOption']);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 0 });
  });
});

describe('middleware around run', () => {
  it('goes from the first to the last and back, and sees the result', async () => {
    const told: string[] = [];
    const { queue, environment, ends } = working([telling(told, 'a'), telling(told, 'b')]);
    await queue.enqueue('push', 1);
    await environment.flush();
    const ofRun = told.filter((line) => / 1$|done/.test(line));
    expect(ofRun).toEqual(['a in push 1', 'b in push 1', 'b out done', 'a out done']);
    expect(ends).toEqual([['completed', 'done']]);
  });

  it('sees the job, the attempt, the signal and the throw of each attempt', async () => {
    const seen: unknown[] = [];
    const watching: Middleware = {
      async run({ queue, job: { id }, attempt, signal }, next) {
        const thrown = await next().catch((error) => error.message);
        seen.push([queue, id, attempt, signal.aborted, thrown]);
        throw thrown;
      },
    };
    const { queue, environment } = working([watching], () => {
      throw new Error('not yet');
    });
    await queue.enqueue('push', 1, { id: 'x' });
    await environment.advance(1_500);
    expect(seen).toEqual([
      ['sync', 'x', 1, false, 'not yet'],
      ['sync', 'x', 2, false, 'not yet'],
    ]);
  });

  it('changes neither the result nor a failure by what it answers', async () => {
    const lying: Middleware = {
      run: (_, next) =>
        next().then(
          () => 'lie',
          () => 'lie',
        ),
    };
    const { queue, environment, ends } = working([lying], (payload) => {
      if (payload === 'bad') throw new Error('it failed');
      return 'truth';
    });
    await queue.enqueue('push', 'good');
    await queue.enqueue('push', 'bad');
    await environment.flush();
    expect(ends).toEqual([
      ['completed', 'truth'],
      ['retried', 'Error', 'it failed'],
    ]);
  });

  it.each<[string, Middleware['run'] & object, string, number]>([
    ['throws before', () => Promise.reject(new Error('before')), 'middleware "m" threw: before', 0],
    ['returns without next', () => 'skipped', 'middleware "m" neither called next nor threw', 0],
    [
      'throws after',
      (_, next) => next().then(() => Promise.reject(new Error('after'))),
      'middleware "m" threw: after',
      1,
    ],
    [
      'calls next twice',
      (_, next) => {
        void next();
        void next();
      },
      'middleware "m" called next twice',
      1,
    ],
  ])('that %s makes the attempt a failed one by its name', async (_, run, message, calls) => {
    let called = 0;
    const { queue, environment, ends } = working([{ name: 'm', run }], () => void called++);
    await queue.enqueue('push', 1, { maxAttempts: 2 });
    await environment.advance(2_000);
    expect(ends).toEqual([
      ['retried', 'MiddlewareError', message],
      ['dead', 'MiddlewareError', message],
    ]);
    expect(called).toBe(2 * calls);
  });

  it('waits for the handler when it does not, and so does the outcome', async () => {
    const { environment, queue, ends } = working([{ run: (_, next) => void next() }], () =>
      pass(environment, 1_000),
    );
    await queue.enqueue('push', 1);
    await environment.advance(900);
    expect(ends).toEqual([]);
    await environment.advance(200);
    expect(ends).toEqual([['completed', undefined]]);
  });

  it('may turn an error into one that steers', async () => {
    const steering: Middleware = {
      run: async ({ job: { payload } }, next) => {
        await next().catch((error) => {
          throw payload === 'never'
            ? new DeadLetterError('gone')
            : new RetryLaterError({ delayMs: 5_000, cause: error });
        });
      },
    };
    const { queue, environment, ends } = working([steering], () => Promise.reject(new Error('410')));
    await queue.enqueue('push', 'never');
    await queue.enqueue('push', 'later', { id: 'later' });
    await environment.flush();
    expect(ends).toEqual([
      ['dead', 'DeadLetterError', 'gone'],
      ['retried', 'RetryLaterError', 'retry in 5000 ms'],
    ]);
    expect(await get(queue, 'later')).toMatchObject({ runAt: environment.now() + 5_000 });
  });

  it('sees a released job as a throw that it cannot change', async () => {
    const seen: unknown[] = [];
    const { queue, environment } = setScene(jobs, {
      use: [middleware([{ run: (_, next) => next().catch((error) => void seen.push(error.code)) }])],
    });
    await queue.enqueue('push', 1, { id: 'x' });
    work(queue, { push: (_, context) => context.release({ delayMs: 5_000 }) });
    await environment.flush();
    expect(seen).toEqual(['JobReleased']);
    expect(await get(queue, 'x')).toMatchObject({ state: 'pending', failures: 0 });
  });

  it('sees a payload that its schema refuses, for which the job is dead', async () => {
    const seen: unknown[] = [];
    const list: Middleware[] = [{ run: (_, next) => next().catch((error) => void seen.push(error.code)) }];
    let strict = false;
    const refusing = {
      '~standard': {
        version: 1 as const,
        vendor: 'tests',
        validate: (value: unknown) => (strict ? { issues: [{ message: 'no' }] } : { value }),
      },
    };
    const { queue, environment } = setScene(
      { push: job({ payload: refusing, backoff }) },
      { use: [middleware(list), schema()] },
    );
    await queue.enqueue('push', 1);
    strict = true;
    work(queue, { push: () => 'never called' });
    await environment.flush();
    expect(seen).toEqual(['Payload']);
    expect(await count(queue)).toMatchObject({ dead: 1 });
  });

  it('counts for the timeout of the attempt', async () => {
    const { environment, queue, ends } = working([
      {
        run: async ({ signal }, next) => {
          await pass(environment, 3_000);
          signal.throwIfAborted();
          await next();
        },
      },
    ]);
    await queue.enqueue('push', 1, { timeoutMs: 2_000 });
    await environment.advance(3_500);
    expect(ends).toMatchObject([
      ['retried', 'JobTimeoutError', expect.stringContaining('longer than 2000 ms')],
    ]);
  });
});

describe('a queue', () => {
  it('calls a handler in the same turn through middleware as without', async () => {
    const order: string[] = [];
    const { queue, environment } = setScene(jobs, {
      use: [middleware([{ run: (_, next) => next(), enqueue: (_, next) => next() }])],
    });
    queue.on('job:started', () => {
      order.push('started');
      queueMicrotask(() => order.push('later'));
    });
    await queue.enqueue('push', 1);
    work(queue, { push: () => void order.push('handler') });
    await environment.flush();
    expect(order).toEqual(['started', 'handler', 'later']);
  });

  it('checks around a prepared job when it is prepared', async () => {
    const told: string[] = [];
    const { queue, store } = setScene(jobs, { use: [middleware([telling(told, 'a')])] });
    joinable(store);
    await prepare(queue, 'push', 1);
    expect(told).toEqual(['a in push', 'a out prepared']);
    const refusing = setScene(jobs, {
      use: [middleware([{ name: 'guard', enqueue: () => Promise.reject('no') }])],
    });
    joinable(refusing.store);
    await expect(prepare(refusing.queue, 'push', 1)).rejects.toThrow('middleware "guard" threw: "no"');
  });

  it.each<[string, unknown, string]>([
    ['no list', {}, 'middleware is an object: expected an array'],
    [
      'one that does nothing',
      [{ name: 'x' }],
      'middleware[0] is an object: expected an object with enqueue(call, next)',
    ],
    ['one that is none', [null], 'middleware[0] is null'],
    [
      'a part that is no function',
      [{ run: 'later' }],
      'middleware[0] is an object: expected an object with enqueue',
    ],
    ['a name that is none', [{ name: '', run: () => {} }], 'middleware[0].name is ""'],
  ])('refuses at once as middleware %s', (_, list, message) => {
    expect(() => middleware(list as never)).toThrow(message);
  });

  it('takes an object of a class as middleware', async () => {
    class Counting {
      #enqueued = 0;
      enqueue(_: unknown, next: () => Promise<EnqueueResult>) {
        this.#enqueued += 1;
        return next();
      }
      get enqueued() {
        return this.#enqueued;
      }
    }
    const counting = new Counting();
    const { queue } = setScene(jobs, { use: [middleware([counting])] });
    await queue.enqueue('push', 1);
    expect(counting.enqueued).toBe(1);
  });
});
