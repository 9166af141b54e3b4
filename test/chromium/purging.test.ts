import { createQueue, defineJobs, job, keys, owner, purge } from 'holdfast';
import { holdfastStoreNames, indexedDBStore } from 'holdfast/indexeddb';
import { expect, it } from 'vitest';
import { answer, deleteDatabase, freshName } from './database.ts';
import { fillQueue } from './filled-queue.ts';

const jobs = defineJobs({ push: job<string>() });

/** The keys of all that lies in the database, but for what keeps room on the disk. */
async function keysIn(name: string): Promise<string[]> {
  const database = await answer(indexedDB.open(name));
  const transaction = database.transaction(holdfastStoreNames);
  const keys = await Promise.all(
    holdfastStoreNames
      .filter((store) => store !== 'holdfast.spare')
      .map((store) => answer(transaction.objectStore(store).getAllKeys())),
  );
  database.close();
  return keys.flat().map(String);
}

it('a purge leaves nothing of its owner in the database, and all of the others', async () => {
  const name = freshName();
  const queues = ['ann', 'bob', undefined].map((who) =>
    createQueue({
      name: 'sync',
      jobs,
      store: indexedDBStore(name),
      use: who === undefined ? [keys()] : [keys(), owner(who)],
    }),
  );
  for (const queue of queues) await fillQueue(queue);
  const before = await keysIn(name);
  const ofAnn = before.filter((key) => key.includes('ann'));
  expect(ofAnn.length).toBeGreaterThan(5);
  await purge(queues[0]!);
  expect((await keysIn(name)).sort()).toEqual(before.filter((key) => !ofAnn.includes(key)).sort());
  for (const queue of queues) await queue.close();
  await deleteDatabase(name);
});
