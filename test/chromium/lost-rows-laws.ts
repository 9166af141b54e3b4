import { indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { freshName } from './database.ts';
import { loseRow } from './losing-rows.ts';
import { claimOf, NOW, spec } from './specs.ts';

/** The queue's own rows in IndexedDB, when the browser cannot read them. */
export function describeLostRows(): void {
  const open = () => {
    const name = freshName();
    const store = storeCalls(indexedDBStore(name));
    const lose = (table: string, ...key: string[]) => loseRow(name, `holdfast.${table}`, key.join('\u0001'));
    const claim = async (worker = 'worker', limit = 10, now = NOW) => {
      const { jobs, buried = [] } = await store.exchange(claimOf(worker, limit), now);
      return { jobs, ids: jobs.map(({ job }) => job.id), buried: buried.map(({ id }) => id) };
    };
    const enqueue = (...ids: string[]) => store.enqueue({ queue: 'q', jobs: ids.map((id) => spec(id)) }, NOW);
    return { store, lose, claim, enqueue };
  };

  describe('what a queue keeps beside its jobs, unreadable', () => {
    it('its own row is made anew from the jobs, whoever comes first', async () => {
      const { store, lose, claim, enqueue } = open();
      await enqueue('x', 'y', 'z');
      const [x] = (await claim('worker', 1)).jobs;
      lose('queues', 'q');
      expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 2, active: 1 });
      await enqueue('new');
      expect((await claim()).ids).toEqual(['y', 'z', 'new']);
      const settle = [{ id: 'x', fence: x?.fence ?? 0, outcome: { kind: 'complete' } as const }];
      expect(await store.exchange({ queue: 'q', workerId: 'worker', settle }, NOW)).toMatchObject({
        settled: ['settled'],
      });
      await store.close();
    });

    it('what one worker has claimed is taken back, each with a crash, and the others keep theirs', async () => {
      const { store, lose, claim, enqueue } = open();
      await enqueue('a', 'b', 'c', 'd');
      const [a] = (await claim('lost', 1)).jobs;
      await claim('other', 1);
      lose('claims', 'q', 'lost');
      expect(await store.reclaim({ queue: 'q', limit: 100 }, NOW)).toMatchObject({ reclaimed: ['a'] });
      expect((await claim('third')).ids).toEqual(['a', 'c', 'd']);
      expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0, active: 4 });
      const settle = [{ id: 'a', fence: a?.fence ?? 0, outcome: { kind: 'complete' } as const }];
      expect(await store.exchange({ queue: 'q', workerId: 'lost', settle }, NOW)).toMatchObject({
        settled: ['stale'],
      });
      expect(await store.get({ queue: 'q', id: 'a' })).toMatchObject({
        state: 'active',
        crashes: 1,
      });
      expect(await store.get({ queue: 'q', id: 'b' })).toMatchObject({
        state: 'active',
        crashes: 0,
      });
      await store.close();
    });

    it('a record is left out, and who waits for it goes on', async () => {
      const { store, lose, claim } = open();
      const head = spec('head', { lane: 'doc', onLaneDeath: 'halt' });
      await store.enqueue({ queue: 'q', jobs: [head, spec('behind', { lane: 'doc' })] }, NOW);
      const [held] = (await claim('worker', 1)).jobs;
      const error = { name: 'Error', message: 'never', attempt: 1, at: NOW };
      const settle = [{ id: 'head', fence: held?.fence ?? 0, outcome: { kind: 'bury', error } as const }];
      await store.exchange({ queue: 'q', workerId: 'worker', settle }, NOW);
      lose('records', 'q', 'halt', 'lane doc');
      expect(await store.get({ queue: 'q', id: 'behind' })).toMatchObject({ haltedBy: 'head' });
      expect((await claim()).ids).toEqual([]);
      expect(await store.remove({ queue: 'q', ids: ['head'] }, NOW)).toEqual(['removed']);
      expect((await claim()).ids).toEqual(['behind']);
      await store.close();
    });

    it('all of it is purged', async () => {
      const { store, lose, claim, enqueue } = open();
      await enqueue('x', 'y');
      await claim('lost', 1);
      lose('queues', 'q');
      lose('claims', 'q', 'lost');
      const purge = () => store.purge({ queue: 'q', limit: 100, force: true }, NOW);
      expect(await purge()).toMatchObject({ removed: 2 });
      expect(await purge()).toMatchObject({ more: false });
      expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0, active: 0 });
      await store.close();
    });
  });
}
