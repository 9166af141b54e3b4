import { count, enqueueMany, job, limits, memoryBacking, type Rate, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { pass, setScene } from './scene.ts';

const RATE: Rate = { limit: 5, perMs: 1_000, burst: 2 };
/** A shorter one, without a burst. */
const STRICT: Rate = { limit: 10, perMs: 1_000, burst: 1 };

const jobs = {
  call: job<number>(),
  ping: job<number>(),
  slow: job<number>(),
};

const use = [limits({ call: { rate: RATE }, ping: { rate: STRICT } })];

type Begun = readonly (readonly [key: string, at: number])[];

/** Stretches in which more began than may, with a ms for clocks that tell whole ones. */
function broken(begun: Begun, key: string, { limit, perMs, burst = limit }: Rate): string[] {
  const at = begun.filter(([of]) => of === key).map(([, instant]) => instant);
  return at.flatMap((from, i) =>
    at.slice(i).flatMap((to, many) => {
      const most = burst + ((to - from + 1) * limit) / perMs;
      return many + 1 > most ? [`${many + 1} of ${key} in ${to - from} ms, ${most} may`] : [];
    }),
  );
}

/** Everything that each name's attempts did. */
function watched(scene: ReturnType<typeof setScene<typeof jobs>>, begun: [string, number][], slowMs = 0) {
  const { environment } = scene;
  const note = (key: string) => void begun.push([key, environment.now()]);
  return {
    call: () => note('call'),
    ping: () => note('ping'),
    slow: async () => {
      note('slow');
      await pass(environment, slowMs);
    },
  };
}

const many = <Name extends keyof typeof jobs>(name: Name, count: number, more = {}) =>
  Array.from({ length: count }, (_, n) => ({ name, payload: n, ...more }));

function expectKept(begun: Begun): void {
  expect([...broken(begun, 'call', RATE), ...broken(begun, 'ping', STRICT)]).toEqual([]);
}

describe('a rate holds for attempts that begin, to the ms', () => {
  it('and is used up, of several names at a time', async () => {
    const scene = setScene(jobs, { use });
    const begun: [string, number][] = [];
    await enqueueMany(scene.queue, [...many('call', 20), ...many('ping', 40)]);
    work(scene.queue, watched(scene, begun));
    await scene.environment.advance(4_000);
    expectKept(begun);
    expect(begun).toHaveLength(60);
  });

  it('when a slow handler of another name holds all slots', async () => {
    const scene = setScene(jobs, { use });
    const begun: [string, number][] = [];
    await enqueueMany(scene.queue, [...many('slow', 40, { priority: 'high' }), ...many('call', 12)]);
    work(scene.queue, watched(scene, begun, 333), { concurrency: 4 });
    await scene.environment.advance(20_000);
    expectKept(begun);
    expect(begun).toHaveLength(52);
  });

  it.each([[100], [900], [5_000]])('when each answer of the store comes %i ms late', async (lateMs) => {
    const scene = setScene(jobs, { use });
    const { queue, environment, store } = scene;
    const begun: [string, number][] = [];
    await enqueueMany(queue, [...many('call', 8), ...many('ping', 8)]);
    let late = 0;
    store.around(async ({ name }, next) => {
      const answer = await next();
      if (name === 'exchange') late += 1;
      // Each second one, so that what came late meets what did not.
      if (name === 'exchange' && late % 2 === 0) await pass(environment, lateMs);
      return answer;
    });
    work(queue, watched(scene, begun));
    await environment.advance(120_000);
    expectKept(begun);
    expect(begun).toHaveLength(16);
    expect(await count(queue)).toMatchObject({ completed: 16 });
  });

  it('over two tabs, of which one is late', async () => {
    const backing = memoryBacking();
    const one = setScene(jobs, { use, backing });
    const { environment } = one;
    const other = setScene(jobs, { use, backing, environment });
    const begun: [string, number][] = [];
    other.store.around(async ({ name }, next) => {
      const answer = await next();
      if (name === 'exchange') await pass(environment, 170);
      return answer;
    });
    await enqueueMany(one.queue, [...many('call', 30), ...many('ping', 60)]);
    work(one.queue, watched(one, begun), { concurrency: 2 });
    work(other.queue, watched(other, begun), { concurrency: 2 });
    await environment.advance(60_000);
    expectKept(begun);
    expect(begun).toHaveLength(90);
  });

  it('across a restart in the middle of a burst', async () => {
    const backing = memoryBacking();
    const first = setScene(jobs, { use, backing });
    const { environment } = first;
    const begun: [string, number][] = [];
    await enqueueMany(first.queue, [...many('call', 10), ...many('ping', 10)]);
    work(first.queue, { call: () => new Promise(() => {}), ping: () => new Promise(() => {}) });
    first.queue.on('job:started', ({ job: { name } }) => begun.push([name, environment.now()]));
    await environment.advance(30);
    // It is gone: nothing of it reaches the store any more.
    first.store.failAll(new Error('the tab is gone'));
    const second = setScene(jobs, { use, backing, environment });
    work(second.queue, watched(second, begun));
    await environment.advance(200_000);
    expectKept(begun);
    expect(begun.length).toBeGreaterThanOrEqual(20);
  });

  it('with lanes, keys and retries', async () => {
    const scene = setScene(
      { call: job<number>({ maxAttempts: 3 }) },
      { use: [limits({ call: { rate: RATE } })] },
    );
    const { queue, environment } = scene;
    const begun: [string, number][] = [];
    await enqueueMany(
      queue,
      Array.from({ length: 18 }, (_, n) => ({
        name: 'call' as const,
        payload: n,
        ...(n % 3 === 0 ? { lane: 'doc' } : {}),
        ...(n % 2 === 0 ? { rateKey: 'even' } : { rateKey: 'odd' }),
      })),
    );
    work(queue, {
      call: (n, { attempt }) => {
        begun.push([n % 2 === 0 ? 'even' : 'odd', environment.now()]);
        if (n % 5 === 0 && attempt === 1) throw new Error('no');
      },
    });
    await environment.advance(60_000);
    expect([...broken(begun, 'even', RATE), ...broken(begun, 'odd', RATE)]).toEqual([]);
    expect(begun).toHaveLength(22);
  });

  it('and the token of a job that goes back unbegun is there for another', async () => {
    const scene = setScene(jobs, { use });
    const { queue, environment, store } = scene;
    const begun: [string, number][] = [];
    await enqueueMany(queue, many('ping', 2));
    const letGo = store.holdNext('exchange', { after: true });
    work(queue, watched(scene, begun));
    await environment.advance(5_000);
    letGo();
    await environment.flush();
    expect(begun.map(([, at]) => at - environment.now())).toEqual([0]);
  });
});
