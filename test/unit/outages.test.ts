import {
  cancel,
  count,
  createQueue,
  enqueueMany,
  get,
  job,
  memoryStore,
  send,
  UnreachableError,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND, World } from './outage-world.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('eight hours of outage, 500 jobs of three names, 20 lanes, three tabs that come and go', () => {
  async function live() {
    let up = true;
    const world = new World(
      { push: job(), pull: job(), photo: job() },
      { answer: () => (up ? 'ok' : 'unreached') },
    );
    const tabs = [world.tab('a'), world.tab('b'), world.tab('c')];
    await world.environment.flush();
    up = false;
    for (const i of numbers(500))
      await tabs[0]!.queue.enqueue((['push', 'pull', 'photo'] as const)[i % 3]!, i, {
        id: `j${i}`,
        ...(i % 2 === 0 ? { lane: `lane ${i % 20}` } : {}),
      });
    for (let hour = 0; hour < 8; hour += 1) {
      tabs[hour % 3]!.kill();
      tabs[hour % 3] = world.tab(`tab ${hour}`);
      await world.environment.advance(HOUR);
    }
    up = true;
    return { world, tabs, backAt: world.now };
  }

  it('nothing dies, each target is asked at most 105 times, and before it closes no more often than was in flight', async () => {
    const { world, tabs } = await live();
    expect(await count(tabs[0]!.queue)).toMatchObject({ dead: 0 });
    for (const target of ['push', 'pull', 'photo']) {
      const closedAt = world.closedAt.get(target) ?? 0;
      const asked = world.requests.filter((request) => request.target === target);
      const before = asked.filter(({ at }) => at <= closedAt).length;
      expect(before).toBeLessThanOrEqual(12);
      expect(asked.length - before).toBeGreaterThan(90);
      expect(asked.length - before).toBeLessThanOrEqual(105);
    }
  });

  it('all is done within one wait of a probe once it is back', async () => {
    const { world, tabs, backAt } = await live();
    const { queue } = tabs[0]!;
    expect(await world.until(() => world.done.size === 500, 6 * MINUTE)).toBe(true);
    expect(world.now - backAt).toBeLessThanOrEqual(5.5 * MINUTE + 30 * SECOND);
    expect(await count(queue)).toMatchObject({ dead: 0, pending: 0, active: 0 });
  });

  it('and at once after a page hears that it is online', async () => {
    const { world, tabs, backAt } = await live();
    for (const { online } of tabs) online();
    expect(await world.until(() => world.done.size === 500, 60 * SECOND, 100)).toBe(true);
    expect(world.now - backAt).toBeLessThanOrEqual(30 * SECOND);
  });
});

describe('one in twenty jobs to a dead host', () => {
  async function live(byOrigin: boolean, deadHost: boolean) {
    const world = new World(
      { send: job() },
      { answer: ({ id }) => (deadHost && id.startsWith('dead') ? 'unreached' : 'ok') },
    );
    const { queue } = world.tab('a');
    for (const i of numbers(500)) {
      const isDead = i % 20 === 7;
      const host = isDead ? 'https://dead.example' : `https://${i % 3}.example`;
      await queue.enqueue('send', i, {
        id: `${isDead ? 'dead' : 'good'} ${i}`,
        ...(byOrigin ? { target: host } : {}),
      });
    }
    const isDone = () => world.done.size >= 475;
    await world.until(isDone, HOUR, 100);
    return { world, queue, tookMs: world.now };
  }

  it.each([
    ['under one name', false],
    ['with its origin as target', true],
  ])('%s: every good job is done as fast as without', async (_, byOrigin) => {
    const without = await live(byOrigin, false);
    const { world, tookMs } = await live(byOrigin, true);
    expect([...world.done].filter((id) => id.startsWith('good'))).toHaveLength(475);
    expect(tookMs).toBeLessThanOrEqual(without.tookMs * 1.1);
    expect(world.dead.size).toBe(0);
  });

  it('the dead ones, which others got through beside, die after outageMs and not before', async () => {
    const { world, queue } = await live(false, true);
    for (let hour = 0; hour < 23; hour += 1) {
      await queue.enqueue('send', hour, { id: `good later ${hour}` });
      await world.environment.advance(HOUR);
      expect(world.done.has(`good later ${hour}`)).toBe(true);
    }
    expect(world.dead.size).toBe(0);
    await world.environment.advance(2 * HOUR);
    expect(world.dead.size).toBe(25);
  });
});

it('two jobs at the head that are always answered 500: the other 498 are done at once when the server is back', async () => {
  let up = false;
  const world = new World(
    { send: job() },
    { answer: ({ id }) => (!up ? 'unreached' : id.startsWith('bad') ? 'failed' : 'ok') },
  );
  const { queue } = world.tab('a');
  for (const i of numbers(500)) await queue.enqueue('send', i, { id: i < 2 ? `bad ${i}` : `good ${i}` });
  await world.environment.advance(HOUR);
  up = true;
  const backAt = world.now;
  await world.until(() => world.done.size > 0, HOUR, 100);
  expect(world.now - backAt).toBeLessThanOrEqual(5.5 * MINUTE + SECOND);
  const throughAt = world.now;
  await world.until(() => world.done.size === 498, HOUR, 100);
  expect(world.now - throughAt).toBeLessThanOrEqual(20 * SECOND);
  await world.environment.advance(3 * HOUR);
  expect([...world.dead].sort()).toEqual(['bad 0', 'bad 1']);
  expect(await get(queue, 'bad 0')).toMatchObject({ state: 'dead', failures: 10 });
});

describe('one poison job in the only lane of an app', () => {
  const jobs = { note: job({ target: 'api' }), ping: job({ target: 'api' }) };
  const live = async () => {
    const world = new World(jobs, { answer: ({ id }) => (id === 'poison' ? 'failed' : 'ok') });
    const { queue } = world.tab('a');
    await queue.enqueue('note', 0, { id: 'poison', lane: 'notes' });
    await queue.enqueue('note', 1, { id: 'behind', lane: 'notes' });
    await world.environment.advance(HOUR);
    return { world, queue };
  };

  it('dies after outageMs when nobody gets through, and the lane goes on', async () => {
    const { world } = await live();
    await world.environment.advance(22.9 * HOUR);
    expect(world.dead.size).toBe(0);
    await world.environment.advance(0.3 * HOUR);
    expect([...world.dead]).toEqual(['poison']);
    expect([...world.done]).toEqual(['behind']);
  });

  it('dies by its attempts when another name of its target gets through', async () => {
    const { world, queue } = await live();
    await queue.enqueue('ping', 0, { id: 'ping' });
    await world.environment.advance(HOUR);
    expect([...world.dead]).toEqual(['poison']);
    expect(await get(queue, 'poison')).toMatchObject({ failures: 10 });
  });

  it('keeps nobody outside of its lane waiting: a note saved meanwhile is tried at once', async () => {
    const { world, queue } = await live();
    await queue.enqueue('note', 2, { id: 'elsewhere' });
    await world.environment.advance(SECOND);
    expect(world.done.has('elsewhere')).toBe(true);
  });
});

it('a server that accepts and never answers kills nothing', async () => {
  const world = new World(
    { send: job() },
    { tookMs: 30_000, answer: () => new UnreachableError('no answer in 30 s', { reason: 'timeout' }) },
  );
  const { queue } = world.tab('a');
  for (const i of numbers(50)) await queue.enqueue('send', i);
  await world.environment.advance(30 * HOUR);
  expect(await count(queue)).toMatchObject({ dead: 0 });
  expect(world.requests.length).toBeLessThanOrEqual(350);
});

it('200 jobs to a dead host before 300 good ones of one target: all 300 are done', async () => {
  const world = new World(
    { send: job() },
    { answer: ({ id }) => (id.startsWith('dead') ? 'unreached' : 'ok') },
  );
  const { queue } = world.tab('a');
  for (const i of numbers(500)) await queue.enqueue('send', i, { id: i < 200 ? `dead ${i}` : `good ${i}` });
  expect(await world.until(() => world.done.size === 300, 24 * HOUR, MINUTE)).toBe(true);
  expect(world.dead.size).toBe(0);
});

it('25 hours of outage, then one failure while it opens: nothing dies', async () => {
  let up = false;
  let failsOnce = true;
  const world = new World(
    { send: job() },
    {
      answer: () => {
        if (up && world.done.size > 0 && failsOnce) {
          failsOnce = false;
          return 'unreached';
        }
        return up ? 'ok' : 'unreached';
      },
    },
  );
  const { queue } = world.tab('a');
  for (const i of numbers(100)) await queue.enqueue('send', i, { maxAttempts: 1 });
  await world.environment.advance(25 * HOUR);
  up = true;
  await world.until(() => world.done.size === 100, HOUR);
  expect(failsOnce).toBe(false);
  expect(world.done.size).toBe(100);
  expect(await count(queue)).toMatchObject({ dead: 0 });
});

describe('a sign-in that is missing', () => {
  const signedOut = () => new UnreachableError('the server answered 401', { reason: 'signed-out' });

  it('for one tenant among others that get through: the others flow', async () => {
    const world = new World(
      { send: job() },
      { answer: ({ id }) => (id.startsWith('tenant') ? signedOut() : 'ok') },
    );
    const { queue } = world.tab('a');
    for (const i of numbers(200))
      await queue.enqueue('send', i, { id: i % 10 === 5 ? `tenant ${i}` : `good ${i}` });
    await world.until(() => world.done.size === 180, HOUR, 100);
    expect(world.done.size).toBe(180);
    expect(world.now).toBeLessThanOrEqual(20 * SECOND);
    expect(world.dead.size).toBe(0);
  });

  it('for all, a day long: nothing dies, nothing hammers, and all flows after it', async () => {
    let signedIn = false;
    const world = new World({ send: job() }, { answer: () => (signedIn ? 'ok' : signedOut()) });
    const { queue } = world.tab('a');
    for (const i of numbers(100)) await queue.enqueue('send', i);
    await world.environment.advance(24 * HOUR);
    expect(world.requests.length).toBeLessThanOrEqual(310);
    signedIn = true;
    await world.until(() => world.done.size === 100, 6 * MINUTE);
    expect(world.done.size).toBe(100);
    expect(await count(queue)).toMatchObject({ dead: 0 });
  });
});

it('three workers, one without a network, 3,000 jobs: all are done, with at most 5 % more requests', async () => {
  const world = new World(
    { send: job() },
    { tookMs: 50, answer: ({ tab }) => (tab === 'offline' ? 'unreached' : 'ok') },
  );
  const tabs = [world.tab('a'), world.tab('offline'), world.tab('b')];
  for (let i = 0; i < 3_000; i += 500)
    await enqueueMany(
      tabs[0]!.queue,
      numbers(500).map((n) => ({ name: 'send', payload: i + n })),
    );
  await world.until(() => world.done.size === 3_000, HOUR, 500);
  expect(world.done.size).toBe(3_000);
  expect(world.requests.length).toBeLessThanOrEqual(3_150);
  expect(world.now).toBeLessThanOrEqual(60 * SECOND);
});

describe('a probe that comes to nothing', () => {
  it.each([
    ['as its tab is killed', 'kill'],
    ['as it is cancelled', 'cancel'],
    ['as it throws an ordinary error', 'throw'],
  ])('%s: the next one comes in time', async (_, how) => {
    let up = false;
    let throws = false;
    const world = new World(
      { send: job() },
      { tookMs: 500, answer: () => (up ? 'ok' : throws ? new Error('a bug') : 'unreached') },
    );
    const first = world.tab('a');
    for (const i of numbers(20)) await first.queue.enqueue('send', i, { id: `j${i}` });
    await world.environment.advance(MINUTE);
    const before = world.requests.length;
    throws = how === 'throw';
    await world.until(() => world.requests.length > before, 10 * MINUTE, 50);
    const { id } = world.requests.at(-1)!;
    if (how === 'kill') first.kill();
    if (how === 'cancel') await cancel(first.queue, id);
    const second = how === 'kill' ? world.tab('b') : first;
    await world.environment.advance(600);
    up = true;
    await world.until(() => world.done.size >= 18, 3 * MINUTE);
    expect(world.done.size).toBeGreaterThanOrEqual(18);
    await second.worker.stop();
  });
});

it('ten online events in ten seconds, in three tabs: at most three probes', async () => {
  const world = new World({ send: job() }, { answer: () => 'unreached' });
  const tabs = [world.tab('a'), world.tab('b'), world.tab('c')];
  for (const i of numbers(50)) await tabs[0]!.queue.enqueue('send', i);
  await world.environment.advance(HOUR);
  const before = world.requests.length;
  for (const _ of numbers(10)) {
    for (const { online } of tabs) online();
    await world.environment.advance(SECOND);
  }
  const probes = world.requests.length - before;
  expect(probes).toBeGreaterThanOrEqual(2);
  expect(probes).toBeLessThanOrEqual(3);
});

it('when it opens on many that wait, 1, 2, 4, 8 and 16 are in flight, then as many as there are slots', async () => {
  let up = false;
  const world = new World({ send: job() }, { tookMs: 1_000, answer: () => (up ? 'ok' : 'unreached') });
  const { queue } = world.tab('a', 40);
  for (let i = 0; i < 5_000; i += 1_000)
    await enqueueMany(
      queue,
      numbers(1_000).map((n) => ({ name: 'send', payload: i + n })),
    );
  await world.environment.advance(30 * SECOND);
  up = true;
  world.mostInFlight = 0;
  const seen = new Set<number>();
  await world.until(
    () => {
      seen.add(world.inFlight);
      return world.inFlight >= 40;
    },
    5 * MINUTE,
    100,
  );
  expect(world.inFlight).toBe(40);
  const order = [...seen].sort((a, b) => a - b).filter((n) => n > 0);
  expect(order.slice(0, 2)).toEqual([1, 2]);
  expect(order.every((n) => [1, 2, 4, 8, 16].includes(n) || n <= 16 || n === 40)).toBe(true);
});

it('429 with Retry-After, four slots: at most four requests are refused in a window', async () => {
  const WINDOW = MINUTE;
  const LIMIT = 30;
  const counts = new Map<number, { ok: number; refused: number }>();
  const world = new World(
    { send: job() },
    {
      answer: ({ at }) => {
        const window = Math.floor(at / WINDOW);
        const count = counts.get(window) ?? { ok: 0, refused: 0 };
        counts.set(window, count);
        if (count.ok < LIMIT) {
          count.ok += 1;
          return 'ok';
        }
        count.refused += 1;
        return new UnreachableError('the server answered 429', {
          reason: 'busy',
          retryAfterMs: (window + 1) * WINDOW - at,
        });
      },
    },
  );
  const { queue } = world.tab('a', 4);
  for (const i of numbers(200)) await queue.enqueue('send', i);
  await world.until(() => world.done.size === 200, HOUR);
  expect(world.done.size).toBe(200);
  expect(Math.max(...[...counts.values()].map(({ refused }) => refused))).toBeLessThanOrEqual(4);
  expect(counts.size).toBeLessThanOrEqual(9);
});

it('a mistake in the handler counts, its job dies by its attempts, and nothing is closed', async () => {
  const world = new World(
    { send: job() },
    { answer: ({ id }) => (id.startsWith('bug') ? new TypeError('x is undefined') : 'ok') },
  );
  const { queue } = world.tab('a');
  for (const i of numbers(6)) await queue.enqueue('send', i, { id: `bug ${i}`, maxAttempts: 3 });
  await world.environment.advance(MINUTE);
  expect(world.dead.size).toBe(6);
  expect(world.events).toEqual([]);
});

it.each<[string, () => unknown]>([
  ['that send cannot make a request of', () => send('http://')],
  ['that fetch cannot make a request of', () => fetch('http://')],
  ['that is relative where there is no page', () => send('/api/notes')],
  ['that is none', () => new URL('nobody knows where')],
])('a URL %s counts, its jobs die by their attempts, and nothing is closed', async (_, call) => {
  const environment = fakeEnvironment();
  const queue = createQueue({ name: 'sync', jobs: { send: job() }, store: memoryStore(), environment });
  const told: string[] = [];
  queue.on('target:closed', ({ target }) => told.push(`closed ${target}`));
  queue.on('job:retried', ({ counted = true }) => told.push(counted ? 'counted' : 'not counted'));
  for (const i of numbers(6)) await queue.enqueue('send', i, { maxAttempts: 3 });
  const worker = work(queue, { send: call });
  for (let turn = 0; turn < 500 && (await count(queue)).dead < 6; turn += 1)
    await environment.advance(MINUTE);
  expect(await count(queue)).toMatchObject({ dead: 6, pending: 0, active: 0 });
  expect(told).toEqual(Array.from({ length: 12 }, () => 'counted'));
  await worker.stop();
});

it('a handler is told how often its job was tried, also where no attempt was counted, and listeners that none was', async () => {
  const environment = fakeEnvironment();
  const told: [number, number][] = [];
  const retried: unknown[] = [];
  const queue = createQueue({ name: 'sync', jobs: { send: job() }, store: memoryStore(), environment });
  queue.on('job:retried', ({ counted, runAt }) => retried.push([counted, runAt > environment.now()]));
  await queue.enqueue('send', 0);
  const worker = work(queue, {
    send: (_, { attempt, tries }) => {
      told.push([attempt, tries]);
      if (told.length < 3) throw new UnreachableError('nobody answered');
      if (told.length === 3) throw new Error('a bug');
    },
  });
  await environment.advance(MINUTE);
  expect(told).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 4],
  ]);
  expect(retried).toEqual([
    [false, true],
    [false, true],
    [undefined, expect.any(Boolean)],
  ]);
  await worker.stop();
});
