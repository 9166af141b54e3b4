import { list } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { Queue, requestQueue } from 'holdfast/workbox';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeScope } from '../unit/service-worker-scope.ts';

const THEIRS = 'workbox-background-sync';
const DAY_MS = 86_400_000;
const made: Queue[] = [];
let names = 0;

const answer = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The database of Workbox, as its version 7 makes it. */
async function theirs(name = THEIRS): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 3);
  opening.onupgradeneeded = () => {
    const store = opening.result.createObjectStore('requests', { autoIncrement: true, keyPath: 'id' });
    store.createIndex('queueName', 'queueName', { unique: false });
  };
  return answer(opening);
}

const row = (queueName: string, path: string, more: object = {}) => ({
  queueName,
  timestamp: Date.now(),
  requestData: {
    url: new URL(path, location.href).href,
    method: 'POST',
    headers: { 'content-type': 'text/plain', authorization: 'CANARY', 'user-agent': 'x' },
    body: new TextEncoder().encode(path).buffer,
    mode: 'navigate' === path ? 'same-origin' : 'cors',
    credentials: 'include',
    cache: 'default',
    redirect: 'follow',
    referrer: '',
    referrerPolicy: '',
    integrity: '',
    keepalive: false,
  },
  ...more,
});

async function fill(rows: readonly object[], name = THEIRS): Promise<void> {
  const database = await theirs(name);
  const store = database.transaction('requests', 'readwrite').objectStore('requests');
  for (const each of rows) await answer(store.add(each));
  database.close();
}

async function left(name = THEIRS): Promise<string[]> {
  const database = await theirs(name);
  const rows = await answer(database.transaction('requests').objectStore('requests').getAll());
  database.close();
  return rows.map(({ requestData }) => new URL(requestData.url, location.href).pathname);
}

/** A queue of ours, of that name, in a service worker. */
function open(name: string): Queue {
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('holdfast.workbox.names')];
  const queue = new Queue(name, { store: indexedDBStore(`ours of ${name}`), scope: fakeScope() });
  made.push(queue);
  return queue;
}

const waiting = async (queue: Queue) =>
  (await queue.getAll()).map(({ request }) => new URL(request.url).pathname);

afterEach(async () => {
  for (const queue of made.splice(0)) await queue.jobs.close();
  await answer(indexedDB.deleteDatabase(THEIRS));
});

describe('what Workbox has stored', () => {
  const name = () => `taken ${++names}`;

  it('is taken over in order, with body, metadata and timestamp, and is gone there', async () => {
    const queue = open(name());
    const timestamp = Date.now() - DAY_MS;
    await fill([
      row(queue.name, '/b', { id: 5, timestamp, metadata: { tries: 1 } }),
      row(queue.name, '/c', { id: 6 }),
      row('another', '/x', { id: 7 }),
      row(queue.name, '/a', { id: -1 }),
    ]);
    expect(await queue.takeOver()).toEqual({ taken: 3, left: [] });
    expect(await waiting(queue)).toEqual(['/a', '/b', '/c']);
    const entry = (await queue.getAll())[1];
    expect(entry).toMatchObject({ metadata: { tries: 1 }, timestamp });
    expect(await entry?.request.text()).toBe('/b');
    expect(entry?.request.credentials).toBe('include');
    expect(await left()).toEqual(['/x']);
  });

  it('goes before what is pushed meanwhile', async () => {
    const queue = open(name());
    await fill([row(queue.name, '/a'), row(queue.name, '/b')]);
    const taking = queue.takeOver();
    await queue.pushRequest({ request: new Request('/pushed', { method: 'POST' }) });
    await taking;
    expect(await waiting(queue)).toEqual(['/a', '/b', '/pushed']);
  });

  it('is taken once: cut off between storing and deleting, and begun again, also when some are done by then', async () => {
    const queue = open(name());
    await fill([row(queue.name, '/a'), row(queue.name, '/b')]);
    const { delete: remove } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.delete = function (this: IDBObjectStore, ...args) {
      if (this.name === 'requests') throw new Error('killed');
      return remove.apply(this, args);
    };
    await expect(queue.takeOver()).rejects.toThrow('killed');
    IDBObjectStore.prototype.delete = remove;
    expect(await waiting(queue)).toEqual(['/a']);
    expect(await left()).toEqual(['/a', '/b']);
    await Promise.all([queue.takeOver(), queue.takeOver()]);
    expect(await waiting(queue)).toEqual(['/a', '/b']);
    expect(await queue.takeOver()).toEqual({ taken: 0, left: [] });
    expect(await left()).toEqual([]);
  });

  it('leaves its credentials behind', async () => {
    const queue = open(name());
    await fill([row(queue.name, '/a')]);
    await queue.takeOver();
    const { jobs } = await list(queue.jobs, { state: 'pending' });
    expect(jobs[0]?.payload).toMatchObject({
      headers: { 'content-type': 'text/plain' },
      omitted: ['authorization'],
    });
    expect(JSON.stringify(jobs)).not.toContain('CANARY');
  });

  it('stays where it is when no request can be made of it, and the others are taken', async () => {
    const queue = open(name());
    const broken = row(queue.name, '/broken');
    await fill([
      { ...broken, requestData: { ...broken.requestData, url: 'ftp://sea.example/' } },
      row(queue.name, '/b'),
    ]);
    const { taken, left: those } = await queue.takeOver();
    expect([taken, those.map(({ url }) => url)]).toEqual([1, ['ftp://sea.example/']]);
    expect(await waiting(queue)).toEqual(['/b']);
    expect((await left()).length).toBe(1);
  });

  it('that is older than maxRetentionTime becomes a dead letter, and is not sent', async () => {
    const queue = open(name());
    await fill([row(queue.name, '/old', { timestamp: Date.now() - 8 * DAY_MS })]);
    expect(await queue.takeOver()).toEqual({ taken: 1, left: [] });
    await queue.replayRequests();
    const page = requestQueue(queue.name, { store: indexedDBStore(`ours of ${queue.name}`) });
    expect((await list(page, { state: 'dead' })).jobs.length).toBe(1);
    await page.close();
  });

  it('is taken from Serwist’s database, too', async () => {
    const queue = open(name());
    await fill([row(queue.name, '/a')], 'serwist-background-sync');
    expect(await queue.takeOver('serwist-background-sync')).toEqual({ taken: 1, left: [] });
    await answer(indexedDB.deleteDatabase('serwist-background-sync'));
  });

  it('is nothing where there is none, and no database is made by asking', async () => {
    const queue = open(name());
    expect(await queue.takeOver('serwist-background-sync')).toEqual({ taken: 0, left: [] });
    const opening = indexedDB.open('serwist-background-sync');
    let isNew = false;
    opening.onupgradeneeded = () => {
      isNew = true;
    };
    (await answer(opening)).close();
    expect(isNew).toBe(true);
    await answer(indexedDB.deleteDatabase('serwist-background-sync'));
  });
});
