import { DatabaseSync } from 'node:sqlite';
import vm from 'node:vm';
import 'fake-indexeddb/auto';
import { count, createQueue, defineJobs, get, hold, job, memoryStore, type Store } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freshName } from '../chromium/database.ts';
import { setScene } from './scene.ts';
import { sqliteStore } from './sqlite-store.ts';

const jobs = defineJobs({ push: job<unknown>() });

const stores: readonly (readonly [string, () => Store])[] = [
  ['memory', () => memoryStore()],
  ['IndexedDB, fake', () => indexedDBStore(freshName())],
  ['SQLite', () => sqliteStore(new DatabaseSync(':memory:'))],
];

/** As a frame of the page makes it, or a test runner that gives the app a realm of its own. */
const elsewhere = (code: string): unknown => vm.runInNewContext(`(${code})`);

describe.each(stores)('what another realm has made, in the store %s,', (_, open) => {
  const queueOf = () => createQueue({ name: 'q', jobs, store: open() });

  it.each<[string, unknown]>([
    ['new Date(5)', new Date(5)],
    ['new Date(NaN)', new Date(Number.NaN)],
    ['new Map([["k", [new Date(5)]]])', new Map([['k', [new Date(5)]]])],
    ['new Set([1n, new Map()])', new Set([1n, new Map()])],
    ['new Uint8Array([1, 2]).buffer', new Uint8Array([1, 2]).buffer],
    ['new Float32Array([0.5])', new Float32Array([0.5])],
    ['new Uint8Array([1, 2, 3]).subarray(1)', new Uint8Array([2, 3])],
    ['{ a: [1, { b: null }], c: undefined }', { a: [1, { b: null }], c: undefined }],
    ['Object.assign(Object.create(null), { a: 1 })', { a: 1 }],
  ])('comes back as what it is: %s', async (code, value) => {
    const queue = queueOf();
    const { id } = await queue.enqueue('push', { at: elsewhere(code) });
    expect((await get(queue, id))?.payload).toStrictEqual({ at: value });
  });

  it.each([
    ['new (class Note {})()', 'payload.at is a Note: only plain objects'],
    ['new (class Index extends Map {})()', 'payload.at is an Index: only plain objects'],
    ['new (class extends Date {})()', 'payload.at is a Date: only plain objects'],
    ['new DataView(new ArrayBuffer(1))', 'payload.at is a DataView: only plain objects'],
    ['new RangeError("no")', 'payload.at is a RangeError: only plain objects'],
    ['Object.create(Date.prototype)', 'payload.at is a Date: only plain objects'],
    ['new Proxy(new Set(), {})', 'payload.at cannot be read: '],
    ['[() => 1]', 'payload.at[0] is a function: it cannot be stored'],
    ['{ get a() { throw new Error("gone") } }', 'payload.at.a cannot be read: gone'],
  ])('is refused for what it is: %s', async (code, message) => {
    const queue = queueOf();
    await expect(queue.enqueue('push', { at: elsewhere(code) })).rejects.toThrow(message);
    expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('is bytes if it is a Buffer: its own, and none of the pool that it lies in', async () => {
    const queue = queueOf();
    const { id } = await queue.enqueue('push', Buffer.from('only this'));
    const { payload } = (await get(queue, id)) as { payload: Uint8Array };
    expect(payload).toStrictEqual(new TextEncoder().encode('only this'));
    expect(payload.buffer.byteLength).toBe(9);
  });
});

describe('a Date of a clock that a test has faked', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is a Date', async () => {
    const { queue } = setScene(jobs);
    vi.useFakeTimers({ now: 1_000, toFake: ['Date'] });
    const { id } = await queue.enqueue('push', { at: new Date() });
    vi.useRealTimers();
    expect((await get(queue, id))?.payload).toStrictEqual({ at: new Date(1_000) });
  });
});

it('an instant may be a Date of another realm', async () => {
  const { queue, environment } = setScene(jobs);
  const at = environment.now() + 5_000;
  const later = () => elsewhere(`new Date(${at})`) as Date;
  const { id } = await queue.enqueue('push', 1, { runAt: later() });
  expect((await get(queue, id))?.runAt).toBe(at);
  await hold(queue, 'push', later());
  const invalid = queue.enqueue('push', 1, { runAt: elsewhere('new Date(NaN)') as Date });
  await expect(invalid).rejects.toThrow('runAt is "Invalid Date"');
});
