import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { durableObjectStore } from 'holdfast/durable-object';
import { describe, expect, it } from 'vitest';
import { type StoreCalls, storeCalls } from '../../src/testing/store-calls.ts';
import { claimOf, NOW, spec } from '../chromium/specs.ts';

const HOUR = 3_600_000;
const BATCH = 100;
/** More than a row of the order holds. */
const JOBS = 600;

interface Scene {
  readonly store: StoreCalls;
  readonly sql: SqlStorage;
  readonly cost: { read: number; written: number };
}

function inFreshObject(act: (scene: Scene) => Promise<void>): Promise<void> {
  return runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => {
    const cost = { read: 0, written: 0 };
    const onStep = (kind: 'read' | 'written', rows: number) => {
      cost[kind] += rows;
    };
    return act({ store: storeCalls(durableObjectStore(state, { onStep })), sql: state.storage.sql, cost });
  });
}

/** Enqueues a batch with ids of the caller's and completes it, in the order it came or in another. */
async function live(store: StoreCalls, first: number, now: number, dedupeOf = (_n: number) => HOUR) {
  const numbers = Array.from({ length: BATCH }, (_, i) => first + i);
  const jobs = numbers.map((n) => spec(`job ${n}`, { known: true, dedupeMs: dedupeOf(n) }));
  await store.enqueue({ queue: 'q', jobs }, now);
  const claimed = await store.exchange(claimOf('w', BATCH), now);
  const settle = claimed.jobs.map(({ job, fence }) => ({
    id: job.id,
    fence,
    outcome: { kind: 'complete' as const },
  }));
  await store.exchange({ queue: 'q', workerId: 'w', settle }, now);
}

async function completed(store: StoreCalls): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const request = { queue: 'q', state: 'completed' as const, limit: 70 };
    const page = await store.list(cursor === undefined ? request : { ...request, cursor });
    ids.push(...page.jobs.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

/** Scattered, so that each batch has its places all over the order. */
const scattered = (n: number) => HOUR + ((n * 7_919) % 1_009) * 1_000;

const inOrder = Array.from({ length: JOBS }, (_, n) => n)
  .sort((a, b) => scattered(a) - scattered(b) || a - b)
  .map((n) => `job ${n}`);

async function liveScattered(store: StoreCalls): Promise<void> {
  for (let first = 0; first < JOBS; first += BATCH) await live(store, first, NOW, scattered);
}

describe('completed jobs in a Durable Object', () => {
  it('are listed in the order in which they are forgotten, whatever order they completed in', () =>
    inFreshObject(async ({ store }) => {
      await liveScattered(store);
      expect(await completed(store)).toEqual(inOrder);
    }));

  it('stay in their order when some of them are removed or enqueued anew', () =>
    inFreshObject(async ({ store }) => {
      await liveScattered(store);
      const gone = inOrder.filter((_, i) => i % 3 === 0);
      await store.remove({ queue: 'q', ids: gone }, NOW);
      expect(await completed(store)).toEqual(inOrder.filter((id) => !gone.includes(id)));
      const [again = ''] = gone;
      await store.enqueue({ queue: 'q', jobs: [spec(again, { known: true, dedupeMs: HOUR })] }, NOW);
      expect(await store.get({ queue: 'q', id: again })).toMatchObject({ state: 'pending' });
    }));

  it('are forgotten in that order, and no row of them is left', () =>
    inFreshObject(async ({ store, sql }) => {
      await liveScattered(store);
      const half = inOrder.length / 2;
      const middle = NOW + scattered(Number(inOrder[half - 1]?.slice('job '.length)));
      await store.prune({ queue: 'q', limit: JOBS }, middle);
      const left = await completed(store);
      expect(left).toEqual(inOrder.slice(-left.length));
      expect(left.length).toBeLessThanOrEqual(half);
      await store.prune({ queue: 'q', limit: JOBS }, NOW + 10 * HOUR);
      for (const table of ['holdfast_jobs', 'holdfast_forget_order'])
        expect(sql.exec(`SELECT count(*) AS n FROM ${table}`).one()).toEqual({ n: 0 });
    }));

  it('whose row of the order is torn are found by their ids all the same, and stop no other job', () =>
    inFreshObject(async ({ store, sql }) => {
      await live(store, 0, NOW);
      sql.exec(`UPDATE holdfast_forget_order SET page = '[["torn'`);
      await live(store, BATCH, NOW);
      expect(await store.get({ queue: 'q', id: 'job 7' })).toMatchObject({ state: 'completed' });
      expect((await completed(store)).length).toBe(BATCH);
    }));

  it('cost at most 3.1 rows written and 4 read in their lives, and 1.1 more to be forgotten', () =>
    inFreshObject(async ({ store, cost }) => {
      const billed = async (first: number, now: number) => {
        const before = { ...cost };
        await live(store, first, now);
        return { written: (cost.written - before.written) / BATCH, read: (cost.read - before.read) / BATCH };
      };
      await billed(0, NOW);
      const life = await billed(BATCH, NOW);
      for (let first = 2 * BATCH; first < 10 * BATCH; first += BATCH) await live(store, first, NOW);
      const forgetting = await billed(10 * BATCH, NOW + 2 * HOUR);
      // A batch forgets up to twice as many as it settles.
      const forgotten = (forgetting.written - life.written) / 2;
      console.log(
        `an id given and remembered: ${life.written} written, ${life.read} read, forgotten ${forgotten}`,
      );
      expect(life.written).toBeLessThanOrEqual(3.1);
      expect(life.read).toBeLessThanOrEqual(4);
      expect(forgotten).toBeLessThanOrEqual(1.1);
    }));
});
