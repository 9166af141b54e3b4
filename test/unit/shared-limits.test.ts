import {
  count,
  drain,
  enqueueMany,
  get,
  job,
  limits,
  memoryBacking,
  RetryLaterError,
  redrive,
  remove,
  UnknownJobError,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';
import { deaf, lostConnection, pass, setScene } from './scene.ts';

const jobs = {
  mail: job<number>(),
  call: job<number>(),
  strict: job<number>(),
  plain: job<number>(),
  sync: job<string>({ onLaneDeath: 'halt', maxAttempts: 1 }),
};

const byName = {
  mail: { maxActive: 2 },
  call: { rate: { limit: 100, perMs: 1_000 } },
  strict: { rate: { limit: 10, perMs: 1_000, burst: 1 } },
};

/** So many queues over one store, as many tabs have it, on one clock. */
function tabs(count: number, { ageing, ...ofQueue }: { maxActive?: number; ageing?: number } = {}) {
  const backing = memoryBacking();
  const environment = fakeEnvironment();
  const start = environment.now();
  const options = { use: [limits(byName, ofQueue)], ...(ageing && { ageing }) };
  const scenes = Array.from({ length: count }, () => setScene(jobs, { backing, environment, ...options }));
  const seen = { now: 0, most: 0, began: [] as number[] };
  const handler = (ms: number) => async () => {
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    seen.began.push(environment.now() - start);
    await pass(environment, ms);
    seen.now -= 1;
  };
  const [first] = scenes as [(typeof scenes)[0]];
  return { scenes, first, environment, seen, handler };
}

const many = <Name extends keyof typeof jobs>(name: Name, length: number, options = {}) =>
  Array.from({ length }, (_, i) => ({ name, payload: i as never, ...options }));

it('five tabs run no more of a name than its maxActive, and no fewer while jobs wait', async () => {
  const { scenes, first, environment, seen, handler } = tabs(5);
  await enqueueMany(first.queue, many('mail', 40));
  for (const { queue } of scenes) work(queue, { mail: handler(10) });
  await environment.advance(400);
  expect(seen.most).toBe(2);
  expect(seen.began).toHaveLength(40);
});

it('all tabs together run no more than the maxActive of the queue, over all names', async () => {
  const { scenes, first, environment, seen, handler } = tabs(3, { maxActive: 3 });
  await enqueueMany(first.queue, [...many('plain', 30), ...many('mail', 10)]);
  for (const { queue } of scenes) work(queue, { plain: handler(20), mail: handler(20) });
  await environment.advance(2_000);
  expect(seen.most).toBe(3);
  expect(seen.began).toHaveLength(40);
});

it('a tab that had to wait goes on as soon as another frees a place that it does not take', async () => {
  const { scenes, first, environment, seen, handler } = tabs(2, { maxActive: 1 });
  const [a, b] = scenes;
  await first.queue.enqueue('mail', 1);
  work(a!.queue, { mail: handler(5_000) });
  await environment.advance(10);
  await first.queue.enqueue('plain', 2);
  work(b!.queue, { plain: handler(10) });
  await environment.advance(5_100);
  expect(seen.began).toEqual([0, 5_000]);
});

it('two workers of one tab tell each other of a place too', async () => {
  const { first, environment, seen, handler } = tabs(1, { maxActive: 1 });
  await first.queue.enqueue('mail', 1);
  work(first.queue, { mail: handler(5_000) });
  await environment.advance(10);
  await first.queue.enqueue('plain', 2);
  work(first.queue, { plain: handler(10) });
  await environment.advance(5_100);
  expect(seen.began).toEqual([0, 5_000]);
});

it('a limit that holds jobs back costs no calls while it does', async () => {
  const { scenes, first, environment, handler } = tabs(2, { maxActive: 1 });
  await enqueueMany(first.queue, many('plain', 5));
  const [a, b] = scenes;
  work(a!.queue, { plain: handler(20_000) }, { concurrency: 4 });
  await environment.advance(1_000);
  work(b!.queue, { plain: handler(20_000) });
  await environment.advance(18_000);
  expect(b?.store.callsOf('exchange')).toBeLessThan(5);
});

it('jobs under a limit are not claimed ahead: a tab holds none that it does not run', async () => {
  const { scenes, first, environment, seen } = tabs(2);
  await enqueueMany(first.queue, many('strict', 50));
  const quick = async () => {
    seen.began.push(environment.now());
  };
  for (const { queue } of scenes) work(queue, { strict: quick }, { concurrency: 1 });
  for (let i = 0; i < 20; i += 1) {
    await environment.advance(100);
    expect((await count(first.queue)).active).toBeLessThanOrEqual(2);
  }
});

it('300 jobs at 100 a second take 2 s in three tabs, the first 100 at once', async () => {
  const { scenes, first, environment, seen, handler } = tabs(3);
  await enqueueMany(first.queue, many('call', 300));
  for (const { queue } of scenes) work(queue, { call: handler(0) }, { concurrency: 50 });
  await environment.advance(1_990);
  expect(seen.began.length).toBeGreaterThan(280);
  expect(seen.began.length).toBeLessThan(300);
  await environment.advance(200);
  expect(seen.began).toHaveLength(300);
  expect(seen.began.filter((at) => at < 5)).toHaveLength(100);
});

it('with a burst of 1 none begins sooner than an interval after the last', async () => {
  const { scenes, first, environment, seen, handler } = tabs(2);
  await enqueueMany(first.queue, many('strict', 10));
  for (const { queue } of scenes) work(queue, { strict: handler(1) });
  await environment.advance(1_000);
  expect(seen.began).toHaveLength(10);
  for (const [i, at] of seen.began.entries()) expect(at).toBeGreaterThanOrEqual(i * 100);
});

it('one customer’s backlog does not keep another’s job waiting', async () => {
  const { first, environment } = tabs(1);
  const ran: string[] = [];
  await enqueueMany(first.queue, many('strict', 500, { rateKey: 'ann' }));
  await first.queue.enqueue('strict', -1, { rateKey: 'bob' });
  work(first.queue, { strict: (_, { job: { rateKey = '' } }) => void ran.push(rateKey) });
  await environment.advance(50);
  expect(ran).toEqual(['ann', 'bob']);
  await environment.advance(930);
  expect(ran.filter((key) => key === 'ann')).toHaveLength(10);
});

it('a drain ends while a rate keeps jobs waiting, and a later one goes on', async () => {
  const { first, environment } = tabs(1);
  await enqueueMany(first.queue, many('strict', 150, { rateKey: 'ann' }));
  const once = drain(first.queue, { strict: () => {} });
  await environment.advance(50);
  expect(await once).toMatchObject({ completed: 1 });
  await environment.advance(100);
  const again = drain(first.queue, { strict: () => {} });
  await environment.advance(50);
  expect(await again).toMatchObject({ completed: 1 });
});

it('Retry-After holds a name back for all tabs', async () => {
  const { scenes, first, environment, seen, handler } = tabs(3);
  const [a, ...others] = scenes;
  await first.queue.enqueue('plain', 0);
  const busy = work(a!.queue, {
    plain: () => {
      throw new RetryLaterError({ delayMs: 30_000, hold: true });
    },
  });
  await environment.advance(10);
  await busy?.stop();
  await enqueueMany(first.queue, many('plain', 5));
  for (const { queue } of others) work(queue, { plain: handler(1) });
  await environment.advance(29_900);
  expect(seen.began).toEqual([]);
  await environment.advance(200);
  expect(seen.began).toHaveLength(6);
});

it('with ageing low priorities run although greater ones never end', async () => {
  const { first, environment } = tabs(1, { ageing: 5 });
  let low = 0;
  await enqueueMany(first.queue, many('plain', 10, { priority: 'low' }));
  work(first.queue, {
    plain: async (_, { job: { priority } }) => {
      if (priority < 0) low += 1;
      await pass(environment, 10);
      await first.queue.enqueue('plain', 0, { priority: 'high' });
    },
  });
  await enqueueMany(first.queue, many('plain', 8, { priority: 'high' }));
  await environment.advance(1_000);
  expect(low).toBe(10);
});

it('a lane whose definition says halt waits for its dead head, and goes on once that is redriven', async () => {
  const { first, environment } = tabs(1);
  const ran: string[] = [];
  let fails = true;
  for (const word of ['x', 'y']) await first.queue.enqueue('sync', word, { lane: 'doc', id: word });
  work(first.queue, {
    sync: (word) => {
      ran.push(word);
      if (word === 'x' && fails) throw new Error('no');
    },
  });
  await environment.advance(60_000);
  expect(ran).toEqual(['x']);
  expect(await get(first.queue, 'x')).toMatchObject({ state: 'dead', haltsLane: true });
  fails = false;
  await redrive(first.queue, 'x');
  await environment.advance(100);
  expect(ran).toEqual(['x', 'x', 'y']);
});

it('an enqueue says otherwise than its definition', async () => {
  const { first, environment } = tabs(1);
  const ran: string[] = [];
  await first.queue.enqueue('sync', 'x', { lane: 'doc', onLaneDeath: 'continue' });
  await first.queue.enqueue('sync', 'y', { lane: 'doc' });
  work(first.queue, {
    sync: (word) => {
      ran.push(word);
      throw new Error('no');
    },
  });
  await environment.advance(100);
  expect(ran).toEqual(['x', 'y']);
});

it('removed, the dead head wakes the lane’s next at once', async () => {
  const { first, environment } = tabs(1);
  const ran: string[] = [];
  for (const word of ['x', 'y']) await first.queue.enqueue('sync', word, { lane: 'doc', id: word });
  work(first.queue, {
    sync: (word) => {
      ran.push(word);
      if (word === 'x') throw new Error('no');
    },
  });
  await environment.advance(100);
  await remove(first.queue, 'x');
  await environment.advance(100);
  expect(ran).toEqual(['x', 'y']);
});

it('a tab that vanished keeps its places until its leases are taken back', async () => {
  const { scenes, first, environment, seen, handler } = tabs(2);
  const [a, b] = scenes;
  await enqueueMany(first.queue, many('mail', 4));
  work(a!.queue, { mail: deaf }, { leaseMs: 10_000 });
  await environment.advance(10);
  a?.store.failAll(lostConnection());
  work(b!.queue, { mail: handler(1) });
  await environment.advance(9_900);
  expect(seen.began).toEqual([]);
  await environment.advance(30_000);
  expect(seen.began).toHaveLength(4);
  expect(seen.most).toBeLessThanOrEqual(2);
});

it.each([[{ onLaneDeath: 'stop' }, 'onLaneDeath']])(
  'a definition refuses %j at once and names %s',
  (options, named) => {
    expect(() => job(options as never)).toThrow(new RegExp(`^${named.replace('.', '\\.')} `));
  },
);

it.each([
  [{ mail: { maxActive: 0 } }, {}, 'maxActive'],
  [{ mail: { rate: { limit: 0, perMs: 1 } } }, {}, 'rate.limit'],
  [{ mail: { rate: { limit: 1.5, perMs: 1 } } }, {}, 'rate.limit'],
  [{ mail: { rate: { limit: 1, perMs: 0 } } }, {}, 'rate.perMs'],
  [{ mail: { rate: { limit: 1, perMs: 4e10 } } }, {}, 'rate.perMs'],
  [{ mail: { rate: { limit: 1, perMs: 1, burst: 0 } } }, {}, 'rate.burst'],
  [{ mail: { rate: { limit: 1, perMs: 1, per: 2 } } }, {}, 'rate'],
  [{ mail: { rate: 5 } }, {}, 'rate'],
  [{ mail: { maxactive: 1 } }, {}, 'limits of "mail"'],
  [{ mail: 3 }, {}, 'limits["mail"]'],
  [[], {}, 'limits'],
  [{}, { maxActive: 0 }, 'maxActive'],
  [{}, { ageing: 2 }, 'limits options'],
])('limits refuse %j and %j at once', (byName, options, named) => {
  expect(() => limits(byName as never, options as never)).toThrow(named);
});

it('a queue refuses limits of a job that it does not have', () => {
  expect(() => setScene(jobs, { use: [limits({ mial: { maxActive: 1 } })] })).toThrow(UnknownJobError);
});

it.each([
  [{ ageing: 1 }, 'ageing'],
  [{ ageing: 2.5 }, 'ageing'],
])('a queue refuses %j at once', (options, named) => {
  expect(() => tabs(1, options)).toThrow(named);
});

it.each([
  [{ onLaneDeath: 'halt' }, 'onLaneDeath'],
  [{ onLaneDeath: 'wait', lane: 'x' }, 'onLaneDeath'],
  [{ rateKey: '' }, 'rateKey'],
])('an enqueue refuses %j', async (options, named) => {
  const { first } = tabs(1);
  await expect(first.queue.enqueue('sync', 'x', options as never)).rejects.toThrow(named);
});
