import { durableObjectStore, type ObjectState } from 'holdfast/durable-object';
import { expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { NOW, spec } from '../chromium/database.ts';

/** An object whose SQLite has its tables, and then fails. */
function failing(message: string): ObjectState {
  let fails = false;
  const cursor = { toArray: () => [{ version: 1 }], rowsRead: 0, rowsWritten: 0 };
  const transactionSync = <T>(closure: () => T): T => {
    if (fails) throw new Error(message);
    fails = true;
    return closure();
  };
  return { storage: { sql: { exec: () => cursor }, transactionSync } };
}

it.each([
  ['no such moment', true],
  ['database or disk is full: SQLITE_FULL', false],
])('an object that fails with "%s" says whether a repeat may help: %s', async (message, retryable) => {
  const store = storeCalls(durableObjectStore(failing(message)));
  await expect(store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW)).rejects.toMatchObject({
    code: 'Store',
    retryable,
    cause: { message },
  });
});
