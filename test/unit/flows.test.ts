import {
  batch,
  cancel,
  count,
  DeadLetterError,
  defineJobs,
  drain,
  enqueueFlow,
  enqueueMany,
  every,
  explain,
  expose,
  flows,
  get,
  job,
  list,
  memoryBacking,
  putSchedule,
  redrive,
  redriveMany,
  remoteQueue,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({ fetch: job<string>(), join: job<null>({ maxAttempts: 1 }) });

describe('a flow', () => {
  it('runs its steps in their order and hands on what they returned, by their names', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const ran: string[] = [];
    const answers = await enqueueFlow(queue, {
      report: { name: 'join', payload: null, dependsOn: ['one', 'two'] },
      one: { name: 'fetch', payload: 'a' },
      two: { name: 'fetch', payload: 'b', dependsOn: 'one' },
    });
    expect(Object.keys(answers)).toEqual(['report', 'one', 'two']);
    work(queue, {
      fetch: (payload) => {
        ran.push(payload);
        return payload.toUpperCase();
      },
      join: (_, { job: { results } }) => void ran.push(JSON.stringify(results)),
    });
    await environment.advance(0);
    expect(ran).toEqual(['a', 'b', '{"one":"A","two":"B"}']);
    expect(await count(queue)).toMatchObject({ completed: 3, pending: 0 });
  });

  it('is all or nothing: a circle, an unknown step or a step that is refused refuses it', async () => {
    const { queue } = setScene(jobs, { use: [flows()] });
    const step = { name: 'fetch', payload: 'a' } as const;
    const refused = [
      { a: { ...step, dependsOn: 'b' }, b: { ...step, dependsOn: 'a' } },
      { a: { ...step, dependsOn: 'nothing' } },
      { a: step, b: { ...step, priority: 1_000 } },
      { a: step, b: null as never },
      null as never,
    ];
    for (const flow of refused as never[])
      await expect(enqueueFlow(queue, flow)).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('whose step dies ends with it, and every step of it is told or found dead', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const told: string[] = [];
    queue.on('job:dead', ({ job, error }) => told.push(`${job.name}: ${error.name}`));
    const { first, second } = await enqueueFlow(queue, {
      first: { name: 'join', payload: null },
      second: { name: 'fetch', payload: 'a', dependsOn: ['first'] },
    });
    work(queue, {
      fetch: () => {},
      join: () => {
        throw new Error('no');
      },
    });
    await environment.advance(0);
    expect(told).toEqual(['join: Error', 'fetch: DependencyError']);
    expect(await get(queue, first.id)).toMatchObject({ state: 'dead' });
    expect(await get(queue, second.id)).toMatchObject({
      state: 'dead',
      errors: [{ name: 'DependencyError' }],
    });
    expect(await redrive(queue, second.id)).toBe('blocked');
    expect(await redrive(queue, second.id, { onDependencyDeath: 'run' })).toBe('redriven');
    await environment.advance(0);
    expect(await count(queue)).toMatchObject({ dead: 1, completed: 1 });
  });

  it('is redriven in its order, however its dead steps are redriven', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const ran: string[] = [];
    let isUp = false;
    work(queue, {
      fetch: (what) => {
        ran.push(what);
        if (!isUp) throw new DeadLetterError('declined');
      },
    });
    const redrives = [
      () => redriveMany(queue),
      () => redriveMany(queue, { errorName: 'DeadLetterError' }),
      async () => {
        for (const { id } of (await list(queue, { state: 'dead' })).jobs.toReversed())
          await redrive(queue, id);
      },
    ];
    for (const redrive of redrives) {
      isUp = false;
      await enqueueFlow(queue, {
        charge: { name: 'fetch', payload: 'charge' },
        ship: { name: 'fetch', payload: 'ship', dependsOn: 'charge' },
      });
      await environment.advance(0);
      const first = redrive();
      await environment.advance(0);
      await first;
      expect(ran.splice(0)).toEqual(['charge', 'charge']);
      isUp = true;
      const second = redrive();
      await environment.advance(0);
      await second;
      expect(ran.splice(0)).toEqual(['charge', 'ship']);
    }
    expect(await count(queue)).toMatchObject({ dead: 0, completed: 6 });
  });

  it('is redriven over pages, and what stays blocked is counted', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const fails = { fetch: () => Promise.reject(new DeadLetterError('no')) };
    const { id } = await queue.enqueue('fetch', 'first');
    for (let i = 0; i < 250; i++) await queue.enqueue('fetch', `${i}`, { dependsOn: id, tags: ['after'] });
    const drained = drain(queue, fails);
    await environment.advance(0);
    expect(await drained).toMatchObject({ dead: 251 });
    const tagged = redriveMany(queue, { tag: 'after' });
    await environment.advance(0);
    expect(await tagged).toEqual({ redriven: 0, duplicate: 0, unreadable: 0, blocked: 250 });
    const all = redriveMany(queue);
    await environment.advance(0);
    expect((await all).blocked).toBe(0);
    expect(await count(queue)).toMatchObject({ pending: 251, dead: 0 });
  });

  it('whose step is cancelled tells who is cancelled with it, and counts it', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const told: string[] = [];
    queue.on('job:cancelled', ({ id }) => told.push(id));
    const { first, second, third } = await enqueueFlow(queue, {
      first: { name: 'fetch', payload: 'a', delayMs: 1_000 },
      second: { name: 'fetch', payload: 'b', dependsOn: 'first' },
      third: { name: 'fetch', payload: 'c', dependsOn: 'second' },
    });
    const worker = work(queue, { fetch: () => {} });
    await cancel(queue, first.id);
    await environment.advance(0);
    expect(told).toEqual([first.id, second.id, third.id]);
    expect(await count(queue)).toMatchObject({ pending: 0, cancelled: 3 });
    await worker.stop();
  });

  it('drains to its end', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const step = { name: 'fetch', payload: 'a' } as const;
    await enqueueFlow(queue, { a: step, b: { ...step, dependsOn: 'a' }, c: { ...step, dependsOn: 'b' } });
    const drained = drain(queue, { fetch: () => {} });
    await environment.advance(0);
    expect(await drained).toMatchObject({ completed: 3 });
  });
});

describe('dependsOn', () => {
  it('takes ids of jobs that are there, one or a list', async () => {
    const { queue } = setScene(jobs, { use: [flows()] });
    const { id } = await queue.enqueue('fetch', 'a');
    await queue.enqueue('fetch', 'b', { id: 'b', dependsOn: id });
    await queue.enqueue('fetch', 'c', { id: 'c', dependsOn: [id, 'b', id] });
    expect((await get(queue, 'c'))?.blockedBy).toEqual([id, 'b']);
    expect((await explain(queue, 'c'))?.waits[0]).toEqual({ why: 'dependencies', ids: [id, 'b'] });
  });

  it.each([
    ['a number', { dependsOn: 7 as never }],
    ['an empty id', { dependsOn: [''] }],
    ['too many', { dependsOn: Array.from({ length: 101 }, (_, i) => `${i}`) }],
    ['a policy that is none', { dependsOn: 'x', onDependencyDeath: 'hope' as never }],
    ['a key that may be replaced', { dependsOn: 'x', idempotencyKey: 'k', onDuplicate: 'replace' as const }],
    ['a job that is not there', { dependsOn: 'x' }],
  ])('refuses %s, and nothing is stored', async (_what, options) => {
    const { queue } = setScene(jobs, { use: [flows()] });
    await expect(queue.enqueue('fetch', 'a', options)).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('lets a handler enqueue jobs and one that waits for them', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    await queue.enqueue('join', null);
    const ran: string[] = [];
    work(queue, {
      join: (_, { enqueue }) => {
        const children = ['a', 'b'].map((name) => enqueue('fetch', name));
        enqueue('fetch', 'last', { dependsOn: children });
      },
      fetch: (payload) => void ran.push(payload),
    });
    await environment.advance(0);
    expect(ran).toEqual(['a', 'b', 'last']);
  });
});

describe('a flow over several contexts', () => {
  it('goes on at once in one that runs the next step, when another has done the one before', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing, use: [flows()] });
    const other = setScene(jobs, { backing, environment, use: [flows()] });
    const ran: string[] = [];
    work(other.queue, { join: () => void ran.push('join') });
    work(queue, { fetch: () => void ran.push('fetch') });
    await environment.advance(0);
    await enqueueFlow(queue, {
      first: { name: 'fetch', payload: 'a' },
      last: { name: 'join', payload: null, dependsOn: 'first' },
    });
    await environment.advance(0);
    expect(ran).toEqual(['fetch', 'join']);
  });

  it('is drained to its end, however many of its steps end with one', async () => {
    const { queue, environment } = setScene(jobs, { use: [flows()] });
    const { id } = await queue.enqueue('join', null);
    const items = Array.from({ length: 350 }, (_, i) => ({
      name: 'fetch' as const,
      payload: `${i}`,
      dependsOn: id,
    }));
    await enqueueMany(queue, items);
    const drained = drain(queue, {
      fetch: () => {},
      join: () => {
        throw new Error('no');
      },
    });
    await environment.advance(0);
    await drained;
    expect(await count(queue)).toMatchObject({ pending: 0, dead: 351 });
  });
});

describe('a queue without flows()', () => {
  it.each([
    ['dependsOn', { dependsOn: 'x' }],
    ['onDependencyDeath', { onDependencyDeath: 'run' }],
  ])('refuses %s, says what it needs, and stores nothing', async (_, options) => {
    const { queue } = setScene(jobs);
    await expect(queue.enqueue('fetch', 'a', options as never)).rejects.toThrow('use: [flows()]');
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('refuses flows and batches, also where it is elsewhere', async () => {
    const { queue, environment } = setScene(jobs);
    const send = expose(queue, { batch, enqueueFlow });
    const remote = remoteQueue({ name: 'sync', jobs, send, environment, use: [flows()] });
    const refused = { code: 'InvalidOption' };
    for (const from of [queue, remote]) {
      await expect(batch(from, { id: 'b' })).rejects.toMatchObject(refused);
      const flow = enqueueFlow(from, {
        first: { name: 'fetch', payload: 'a' },
        last: { name: 'join', payload: null, dependsOn: 'first' },
      });
      await expect(flow).rejects.toMatchObject(refused);
    }
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });
});

it('a schedule whose jobs would wait for others is refused', async () => {
  const { queue } = setScene(jobs, { use: [flows()] });
  const { id } = await queue.enqueue('fetch', 'a');
  const daily = {
    recurrence: every(1_000),
    name: 'join',
    payload: null,
    options: { dependsOn: id },
  } as never;
  await expect(putSchedule(queue, 'daily', daily)).rejects.toMatchObject({ code: 'InvalidOption' });
});
