import 'fake-indexeddb/auto';
import { count } from 'holdfast';
import { expect, it } from 'vitest';
import { openDatabase, openQueue, save } from './own-transaction.ts';

it('docs/guides/own-transaction.md: the note and its job commit together, or neither does', async () => {
  const name = 'own transaction guide';
  const database = await openDatabase(name);
  const queue = openQueue(name);
  expect(await save(database, queue, { id: 'a', text: 'kept' })).toMatchObject({ status: 'enqueued' });
  // A note that cannot be stored takes its job with it.
  const bad = { id: 'b', text: (() => {}) as unknown as string };
  await expect(save(database, queue, bad)).rejects.toThrow();
  expect(await count(queue)).toMatchObject({ pending: 1 });
  await queue.close();
  database.close();
});
