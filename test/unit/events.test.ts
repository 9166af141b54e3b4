import { count, DeadLetterError, fixed, gates, job, memoryBacking, watch, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { lostConnection, pass, setScene } from './scene.ts';

const jobs = { push: job<string>({ backoff: fixed({ delayMs: 1_000 }), maxAttempts: 2 }) };

/** Every event of a queue, in order, by name and payload. */
function eventsOf({ queue }: Pick<ReturnType<typeof setScene<typeof jobs>>, 'queue'>) {
  const told: string[] = [];
  for (const name of ['job:enqueued', 'job:duplicate'] as const) queue.on(name, () => told.push(name));
  for (const name of [
    'job:started',
    'job:completed',
    'job:retried',
    'job:released',
    'job:dead',
    'job:stale',
  ] as const)
    queue.on(name, ({ job: { payload } }) => told.push(`${name} ${payload}`));
  queue.on('job:cancelled', () => told.push('job:cancelled'));
  queue.on('worker:error', ({ error }) => told.push(`worker:error ${(error as Error).message}`));
  return told;
}

describe('the events of a job', () => {
  it('that succeeds: enqueued, started, completed with the result', async () => {
    const scene = setScene(jobs);
    const told = eventsOf(scene);
    const results: unknown[] = [];
    scene.queue.on('job:completed', ({ result }) => results.push(result));
    await scene.queue.enqueue('push', 'x');
    work(scene.queue, { push: () => 'the answer' });
    await scene.environment.flush();
    expect(told).toEqual(['job:enqueued', 'job:started x', 'job:completed x']);
    expect(results).toEqual(['the answer']);
  });

  it('that fails and dies: each attempt started, retried with when, dead with the error', async () => {
    const scene = setScene(jobs);
    const told = eventsOf(scene);
    const details: unknown[] = [];
    scene.queue.on('job:retried', ({ runAt, error }) =>
      details.push(runAt - scene.environment.now(), error.message),
    );
    scene.queue.on('job:dead', ({ error }) => details.push(error.message, error.attempt));
    await scene.queue.enqueue('push', 'x');
    work(scene.queue, { push: () => Promise.reject(new Error('no')) });
    await scene.environment.advance(2_000);
    expect(told.slice(1)).toEqual(['job:started x', 'job:retried x', 'job:started x', 'job:dead x']);
    expect(details).toEqual([1_000, 'no', 'no', 2]);
  });

  it('that is released: when it comes back', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const back: number[] = [];
    queue.on('job:released', ({ runAt }) => back.push(runAt - environment.now()));
    work(queue, { push: (_, { release }) => release({ delayMs: 5_000 }) });
    await environment.flush();
    expect(back).toEqual([5_000]);
  });

  it('that was enqueued before: duplicate, with the id of the live one', async () => {
    const { queue } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', { idempotencyKey: 'k' });
    const told: unknown[] = [];
    queue.on('job:duplicate', (event) => told.push(event));
    queue.on('job:enqueued', (event) => told.push(event));
    await queue.enqueue('push', 'x', { idempotencyKey: 'k' });
    expect(told).toEqual([{ id, name: 'push' }]);
  });

  it('that logs: what it logged, as text', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const logged: string[] = [];
    queue.on('job:log', ({ message }) => logged.push(message));
    work(queue, {
      push: (_, { log }) => {
        log('half way');
        log(5 as never);
      },
    });
    await environment.flush();
    expect(logged).toEqual(['half way', '5']);
  });
});

describe('an outcome is told only after its commit', () => {
  it.each([
    ['job:completed', () => 'done'],
    ['job:retried', () => Promise.reject(new Error('no'))],
    ['job:dead', () => Promise.reject(new DeadLetterError('never'))],
  ] satisfies ['job:completed' | 'job:retried' | 'job:dead', () => unknown][])('%s', async (name, push) => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const told: unknown[] = [];
    queue.on(name, ({ job: { id } }) => told.push(id));
    let letGo = () => {};
    work(queue, {
      push: () => {
        letGo = store.holdNext('exchange');
        return push();
      },
    });
    await environment.flush();
    expect(told).toEqual([]);
    letGo();
    await environment.flush();
    expect(told).toHaveLength(1);
  });

  it('and who reads the queue when told finds it so', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let counts: Promise<unknown> | undefined;
    queue.on('job:completed', () => {
      counts = count(queue);
    });
    work(queue, { push: () => {} });
    await environment.flush();
    expect(await counts).toMatchObject({ completed: 1, active: 0 });
  });

  it('an enqueue too', async () => {
    const { queue, environment, store } = setScene(jobs);
    const told: string[] = [];
    queue.on('job:enqueued', ({ id }) => told.push(id));
    const letGo = store.holdNext('enqueue');
    const enqueued = queue.enqueue('push', 'x');
    await environment.flush();
    expect(told).toEqual([]);
    letGo();
    await enqueued;
    expect(told).toHaveLength(1);
  });
});

describe('a listener that throws', () => {
  const broken = () => {
    throw new Error('the listener is broken');
  };

  it('breaks nothing: the others hear, the job completes, and the error is told', async () => {
    const scene = setScene(jobs);
    const { queue, environment } = scene;
    for (const name of ['job:enqueued', 'job:started', 'job:completed'] as const) queue.on(name, broken);
    const told = eventsOf(scene);
    await queue.enqueue('push', 'x');
    work(queue, { push: () => {} });
    await environment.flush();
    expect(told).toEqual([
      'worker:error the listener is broken',
      'job:enqueued',
      'worker:error the listener is broken',
      'job:started x',
      'worker:error the listener is broken',
      'job:completed x',
    ]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('when it is told of errors is not told of its own', async () => {
    const { queue, environment, store } = setScene(jobs);
    queue.on('worker:error', broken);
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    const lost = lostConnection();
    store.failNext('exchange', lost);
    work(queue, { push: () => {} });
    await environment.flush();
    expect(errors).toEqual([lost]);
  });

  it('later, because it is async, breaks nothing either: the error is told', async () => {
    const { queue, environment } = setScene(jobs);
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    queue.on('job:enqueued', async () => broken());
    await queue.enqueue('push', 'x');
    await environment.flush();
    expect(errors).toMatchObject([{ message: 'the listener is broken' }]);
  });

  it('who subscribed breaks nothing: the others are called, now and later, and the error is told', async () => {
    const { queue, environment } = setScene(jobs);
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    let calls = 0;
    watch(queue).subscribe(broken);
    watch(queue).subscribe(() => void calls++);
    await queue.enqueue('push', 'x');
    await environment.advance(1_000);
    expect(calls).toBe(1);
    expect(errors).toHaveLength(1);
    await queue.enqueue('push', 'y');
    await environment.advance(1_000);
    expect(calls).toBe(2);
  });
});

describe('a listener', () => {
  it('hears no more once it was taken off', async () => {
    const { queue } = setScene(jobs);
    const told: string[] = [];
    const off = queue.on('job:enqueued', ({ id }) => told.push(id));
    await queue.enqueue('push', 'x', { id: 'one' });
    off();
    await queue.enqueue('push', 'y', { id: 'two' });
    expect(told).toEqual(['one']);
  });

  it('may take itself off while it hears, and the others still hear', async () => {
    const { queue } = setScene(jobs);
    const told: string[] = [];
    const off = queue.on('job:enqueued', () => {
      told.push('once');
      off();
    });
    queue.on('job:enqueued', () => told.push('always'));
    await queue.enqueue('push', 'x');
    await queue.enqueue('push', 'y');
    expect(told).toEqual(['once', 'always', 'always']);
  });

  it('hears nothing of another queue in the same store', async () => {
    const backing = memoryBacking();
    const one = setScene(jobs, { backing });
    const two = setScene(jobs, { backing, name: 'other' });
    const told: string[] = [];
    one.queue.on('job:enqueued', ({ id }) => told.push(id));
    await two.queue.enqueue('push', 'x');
    expect(told).toEqual([]);
  });
});

describe('queue:idle', () => {
  it('is told once when there is nothing to do, and again after the next work', async () => {
    const { queue, environment } = setScene(jobs);
    const told: unknown[] = [];
    queue.on('queue:idle', (event) => told.push(event));
    work(queue, { push: () => pass(environment, 100) });
    await environment.advance(120_000);
    expect(told).toEqual([{ queue: 'sync' }]);
    await queue.enqueue('push', 'x');
    await environment.advance(50);
    expect(told).toHaveLength(1);
    await environment.advance(120_000);
    expect(told).toHaveLength(2);
  });

  it('is told also when every gate is closed', async () => {
    const gate = { isOpen: () => false, subscribe: () => () => {} };
    const { queue, environment } = setScene({ push: job() }, { use: [gates({ push: gate })] });
    const told: unknown[] = [];
    queue.on('queue:idle', (event) => told.push(event));
    work(queue, { push: () => {} });
    await environment.advance(120_000);
    expect(told).toHaveLength(1);
  });
});

it('worker:error names the worker that the store failed', async () => {
  const { queue, environment, store } = setScene(jobs);
  const told: unknown[] = [];
  queue.on('worker:error', ({ workerId }) => told.push(workerId));
  store.failNext('exchange', lostConnection());
  const worker = work(queue, { push: () => {} });
  await environment.flush();
  expect(told).toEqual([worker.id]);
});
