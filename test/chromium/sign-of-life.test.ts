import type { JobStore } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimOf, freshName, NOW, spec } from './database.ts';

describe('the sign of life of a worker', () => {
  let a: JobStore;
  let b: JobStore;
  const reclaim = (now: number) => b.reclaim({ queue: 'q', limit: 10 }, now);

  beforeEach(async () => {
    const name = freshName();
    a = indexedDBStore(name);
    b = indexedDBStore(name);
    await a.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
  });
  afterEach(async () => {
    await a.close();
    await b.close();
  });

  it('brings the jobs of a worker that is gone back at once, long before its lease ends', async () => {
    const letGo = await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    letGo?.();
    expect(await reclaim(NOW + 1)).toMatchObject({ reclaimed: ['x'] });
    expect(await b.get({ queue: 'q', id: 'x' })).toMatchObject({ state: 'pending', crashes: 1, failures: 0 });
  });

  it('gives a living worker a minute beyond its lease, as hidden tabs are throttled', async () => {
    await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    expect(await reclaim(NOW + 30_000 + 59_999)).toMatchObject({ reclaimed: [] });
    expect(await reclaim(NOW + 30_000 + 60_000)).toMatchObject({ reclaimed: ['x'] });
  });

  it('is not needed: without one the lease alone decides', async () => {
    await a.exchange(claimOf('worker'), NOW);
    expect(await reclaim(NOW + 29_999)).toMatchObject({ reclaimed: [] });
    expect(await reclaim(NOW + 30_000)).toMatchObject({ reclaimed: ['x'] });
  });

  it('tells the others when it ends', async () => {
    const gone = new Promise((resolve) => {
      b.onHint?.('q', (hint) => hint === 'gone' && resolve(hint));
    });
    const letGo = await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    await reclaim(NOW + 1);
    letGo?.();
    expect(await gone).toBe('gone');
  });
});
