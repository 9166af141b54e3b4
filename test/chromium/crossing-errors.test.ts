import { createQueue, deserializeError, job, PayloadError, StoreError, serializeError } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { expect, test } from 'vitest';
import { freshName } from './database.ts';

/** Sends back what it is sent by the port that it was given. */
const ECHO = 'onmessage = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); };';

/** To a worker and back again, by a message port. */
async function thereAndBack(data: unknown): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([ECHO], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const { port1, port2 } = new MessageChannel();
  try {
    worker.postMessage(null, [port2]);
    return await new Promise((resolve) => {
      port1.onmessage = (event) => resolve(event.data);
      port1.postMessage(data);
    });
  } finally {
    port1.close();
    worker.terminate();
    URL.revokeObjectURL(url);
  }
}

test('an error crosses to a worker and back by a message port, and is the same to who checks its code', async () => {
  const queue = createQueue({ name: 'q', jobs: { push: job() }, store: indexedDBStore(freshName()) });
  const refused = await queue.enqueue('nope' as 'push', null).catch((error: unknown) => error);
  await queue.close();
  const there = deserializeError(await thereAndBack(serializeError(refused)));
  expect(there).toMatchObject({ name: 'UnknownJobError', code: 'UnknownJob' });
  expect(there.message).toBe((refused as Error).message);
});

test('an error brings its issues, whether it can be repeated, and its cause of the platform, and nothing of the engine', async () => {
  const issues = [{ message: 'expected a text', path: ['to'] }];
  const payload = serializeError(new PayloadError('payload.to', 'is not valid', issues));
  expect(deserializeError(await thereAndBack(payload))).toMatchObject({ code: 'Payload', issues });
  const cause = new DOMException('the disk is full', 'QuotaExceededError');
  const store = serializeError(new StoreError('could not be stored', { retryable: false, cause }));
  expect(store).toEqual({
    name: 'StoreError',
    code: 'Store',
    message: 'could not be stored',
    retryable: false,
    cause: { name: 'QuotaExceededError', message: 'the disk is full' },
  });
  expect(deserializeError(await thereAndBack(store))).toMatchObject(store);
});
