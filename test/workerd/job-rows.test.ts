import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { durableObjectStore } from 'holdfast/durable-object';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { claimOf, NOW, spec } from '../chromium/specs.ts';

const inFreshObject = (act: (state: DurableObjectState) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => act(state));

describe('the rows of jobs in a Durable Object', () => {
  it('go in together, whichever of them have a lane or a key, and each keeps its own', () =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      const kinds = [
        () => ({}),
        (i: number) => ({ lane: `doc ${i}` }),
        (i: number) => ({ idempotencyKey: `key ${i}` }),
        () => ({}),
      ];
      const jobs = Array.from({ length: 80 }, (_, i) => spec(`x${i}`, kinds[i % kinds.length]?.(i)));
      await store.enqueue({ queue: 'q', jobs }, NOW);
      const again = jobs.map((job) => ({ ...job, id: `again ${job.id}` }));
      const answers = await store.enqueue({ queue: 'q', jobs: again }, NOW);
      const keyed = jobs.map(({ idempotencyKey }) => idempotencyKey !== undefined);
      expect(answers.map(({ status }) => status === 'duplicate')).toEqual(keyed);
      const claimed = await store.exchange(claimOf('worker', 200), NOW);
      // Those with a lane wait behind their heads.
      const plain = again.filter(({ lane, idempotencyKey }) => (lane ?? idempotencyKey) === undefined);
      expect(claimed.jobs.map(({ job }) => job.id)).toEqual([...jobs, ...plain].map(({ id }) => id));
    }));

  it('say nothing of what most jobs have, and a row that says it is the same job', () =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
      const usual = { version: 1, rank: 0, due: 0, failures: 0, crashes: 0, runAt: NOW };
      const { row } = state.storage.sql.exec<{ row: string }>(`SELECT row FROM holdfast_jobs`).one();
      const said = JSON.parse(row);
      expect(Object.keys(said).filter((field) => field in usual)).toEqual([]);
      const job = await store.get({ queue: 'q', id: 'x' });
      expect(job).toMatchObject({ version: 1, priority: 0, runAt: NOW, failures: 0, crashes: 0 });
      state.storage.sql.exec(`UPDATE holdfast_jobs SET row = ?`, JSON.stringify({ ...said, ...usual }));
      expect(await store.get({ queue: 'q', id: 'x' })).toEqual(job);
    }));
});

it('the row of a queue in a Durable Object keeps what only newer code knows, beside what is claimed', () =>
  inFreshObject(async (state) => {
    const store = storeCalls(durableObjectStore(state));
    const { sql } = state.storage;
    await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
    sql.exec(`UPDATE holdfast_queues SET control = json_set(control, '$.x', 'newer')`);
    await store.exchange(claimOf('worker', 1), NOW);
    await store.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW);
    expect(sql.exec(`SELECT json_extract(control, '$.x') AS x FROM holdfast_queues`).one()).toEqual({
      x: 'newer',
    });
  }));
