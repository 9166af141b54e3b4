import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Scopes } from '../../src/stores/indexeddb/scopes.ts';
import { freshName } from '../chromium/database.ts';
import { claimOf, NOW, spec } from '../chromium/specs.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A store, and the object stores of each transaction that it makes from now on. */
async function scene() {
  const store = storeCalls(indexedDBStore(freshName()));
  await store.count({ queue: 'q' });
  const asked: string[] = [];
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    names,
    ...rest
  ) {
    asked.push([names].flat().join(' ').replaceAll('holdfast.', ''));
    return transaction.call(this, names, ...rest);
  });
  const enqueue = (...jobs: Parameters<typeof spec>[]) =>
    store.enqueue({ queue: 'q', jobs: jobs.map((job) => spec(...job)) }, NOW);
  const claim = async (workerId: string) => (await store.exchange(claimOf(workerId), NOW)).jobs;
  const complete = async (workerId: string, jobs: Awaited<ReturnType<typeof claim>>) => {
    const settle = jobs.map(({ job, fence }) => ({
      id: job.id,
      fence,
      outcome: { kind: 'complete' as const },
    }));
    return (await store.exchange({ queue: 'q', workerId, settle }, NOW)).settled;
  };
  return { store, asked, enqueue, claim, complete };
}

const PLAIN = 'jobs claims queues';
const ALL = 'jobs parked finals claims queues records unsorted';

describe('a transaction asks for no more than it needs', () => {
  test('one of a worker whose jobs are plain for three stores', async () => {
    const { asked, enqueue, claim, complete } = await scene();
    await enqueue(['a']);
    asked.splice(0);
    expect(await complete('worker', await claim('worker'))).toEqual(['settled']);
    expect(asked).toEqual([PLAIN, PLAIN]);
  });

  test('one enqueue in twenty for the spare row', async () => {
    const { asked, enqueue } = await scene();
    for (let i = 0; i < 41; i++) await enqueue([`job ${i}`]);
    const looked = asked.flatMap((names, i) => (names.includes('spare') ? [i] : []));
    expect(looked).toEqual([0, 20, 40]);
  });

  test('and after a full disk the next, whatever was under way', () => {
    const scopes = new Scopes();
    const looks = () => scopes.names('enqueuer', true).includes('holdfast.spare');
    const enqueue = (names = scopes.names('enqueuer', true)) => scopes.enqueued(names);
    enqueue();
    expect(looks()).toBe(false);
    const underWay = scopes.names('enqueuer', true);
    scopes.full();
    enqueue(underWay);
    expect(looks()).toBe(true);
  });

  test('but is made again over all, with nothing lost, when a job has a lane: and so are those that come after', async () => {
    const { store, asked, enqueue, claim, complete } = await scene();
    await enqueue(['a', { lane: 'lane' }], ['b', { lane: 'lane' }]);
    const jobs = await claim('worker');
    asked.splice(0);
    expect(await complete('worker', jobs)).toEqual(['settled']);
    expect(asked).toEqual([PLAIN, ALL]);
    expect((await claim('worker')).map(({ job }) => job.id)).toEqual(['b']);
    expect(asked.at(-1)).toBe(ALL);
    expect(await store.count({ queue: 'q' })).toMatchObject({
      pending: 0,
      active: 1,
      completed: 1,
    });
  });

  test('and so are two that find that out at the same time', async () => {
    const { asked, enqueue, claim, complete } = await scene();
    await enqueue(['a', { lane: 'one' }], ['b', { lane: 'two' }]);
    const [a, b] = await claim('worker');
    const other = await claim('other');
    expect(other).toEqual([]);
    asked.splice(0);
    const settled = await Promise.all([complete('worker', [a!]), complete('worker', [b!])]);
    expect(settled).toEqual([['settled'], ['settled']]);
    expect(asked.filter((names) => names === PLAIN)).toHaveLength(2);
  });
});
