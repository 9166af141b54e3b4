import { createQueue, defineJobs, get } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { enqueueRequest, requestJob, requestOf, type StoredRequest } from 'holdfast/requests';
import { afterEach, describe, expect, it } from 'vitest';

let databases = 0;

const jobs = defineJobs({ request: requestJob() });
const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256);
const queues: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.close();
});

/** What another context makes of a request that one has kept. */
async function keptAndRead(
  request: Request,
  options?: { form: FormData },
): Promise<{ again: Request; stored: StoredRequest }> {
  databases += 1;
  const name = `requests ${databases}`;
  const open = () => {
    const queue = createQueue({ name: 'outbox', jobs, store: indexedDBStore(name) });
    queues.push(queue);
    return queue;
  };
  const { id } = await enqueueRequest(open(), request, options);
  const stored = (await get(open(), id))?.payload as StoredRequest;
  return { again: requestOf(stored), stored };
}

const post = (body: BodyInit, init: RequestInit = {}) =>
  new Request('/api/kelp', { method: 'POST', body, ...init });
const form = () => {
  const data = new FormData();
  data.append('title', 'Kelp – ä');
  data.append('photo', new File([bytes], 'kelp ü.png', { type: 'image/png' }));
  return data;
};

describe('a request that is kept and made again has', () => {
  it.each([
    ['text', () => post('Kelp – ä'), 'text/plain;charset=UTF-8'],
    ['JSON', () => post('{"a":1}', { headers: { 'content-type': 'application/json' } }), 'application/json'],
    ['a Blob', () => post(new Blob([bytes], { type: 'image/png' })), 'image/png'],
    ['a Blob without a type', () => post(new Blob([bytes])), null],
    ['an ArrayBuffer', () => post(bytes.buffer), null],
    ['a part of a buffer', () => post(bytes.subarray(10, 20)), null],
    [
      'parameters',
      () => post(new URLSearchParams({ a: 'ä b' })),
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
  ])('the same bytes and type: %s', async (_, make, type) => {
    const { again, stored } = await keptAndRead(make());
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(new Uint8Array(await make().arrayBuffer()));
    expect(stored.body).toBeInstanceOf(ArrayBuffer);
    expect(again.headers.get('content-type')).toBe(type);
  });

  it('the fields and files of a form, under the boundary that it had', async () => {
    const request = post(form());
    const type = request.headers.get('content-type');
    // WebKit reads no form with files from a Request: then nothing is stored, and the error says what to do.
    const { again } = await keptAndRead(request).catch((error) => {
      expect(error).toMatchObject({ code: 'Payload', message: /the option `form`/ });
      return keptAndRead(request, { form: form() });
    });
    expect(again.headers.get('content-type')).toBe(type);
    const data = await again.formData();
    expect(data.get('title')).toBe('Kelp – ä');
    const photo = data.get('photo') as File;
    expect([photo.name, photo.type]).toEqual(['kelp ü.png', 'image/png']);
    expect(new Uint8Array(await photo.arrayBuffer())).toEqual(bytes);
  });

  it('the fields and files of a form that is given beside it, as the browser would send them', async () => {
    const data = new FormData();
    data.append('a "b"\n', '1\n2\r3');
    data.append('file', new File(['x'], 'a"b.txt'));
    const wanted = post(data);
    const { stored } = await keptAndRead(wanted, { form: data });
    const bodyOf = (body: ArrayBuffer | undefined) => new TextDecoder().decode(body);
    const native = await wanted.arrayBuffer().then(bodyOf, () => undefined);
    if (native !== undefined) expect(bodyOf(stored.body)).toBe(native);
    expect(bodyOf(stored.body)).toContain('name="a %22b%22%0D%0A"\r\n\r\n1\r\n2\r\n3\r\n');
  });

  it('what a stream brought, where requests may have one', async () => {
    const body = new Blob([bytes]).stream();
    // Half duplex: what Chromium wants to hear, and others do not know.
    const request = post(body, { duplex: 'half' } as RequestInit);
    const sent = (await request.clone().arrayBuffer()).byteLength;
    // Browsers without streams as bodies make a text of it.
    expect([bytes.length, String(body).length]).toContain(sent);
    expect((await keptAndRead(request)).stored.body?.byteLength).toBe(sent);
  });

  it.each([
    { mode: 'cors', credentials: 'omit', cache: 'reload', redirect: 'error' },
    { mode: 'same-origin', credentials: 'include', cache: 'no-cache', redirect: 'manual' },
    { mode: 'no-cors', credentials: 'same-origin', cache: 'force-cache', redirect: 'follow' },
  ] as const)('the same mode, credentials, cache and redirect: %o', async (init) => {
    const { again } = await keptAndRead(post('kelp', init));
    const { mode, credentials, cache, redirect } = again;
    expect({ mode, credentials, cache, redirect }).toEqual(init);
  });

  it('the same referrer, policy and integrity', async () => {
    const init = {
      referrer: new URL('/there', location.href).href,
      referrerPolicy: 'origin',
      integrity: 'sha256-abc=',
    } as const;
    const { again } = await keptAndRead(post('kelp', init));
    const { referrer, referrerPolicy, integrity } = again;
    expect({ referrer, referrerPolicy, integrity }).toEqual(init);
    expect((await keptAndRead(post('kelp', { referrer: '' }))).again.referrer).toBe('');
  });

  it('no body for GET', async () => {
    const { again, stored } = await keptAndRead(new Request('/api/kelp'));
    expect(stored).not.toHaveProperty('body');
    expect(again.method).toBe('GET');
  });

  it('no header that carries credentials, in no row of the database', async () => {
    const { stored } = await keptAndRead(
      post('kelp', {
        headers: { authorization: 'Bearer CANARY', 'x-csrf-token': 'CANARY', 'x-draft': 'yes' },
      }),
    );
    expect(stored.headers).toMatchObject({ 'x-draft': 'yes' });
    expect(stored.omitted).toEqual(['authorization', 'x-csrf-token']);
    expect(await everyRow(`requests ${databases}`)).not.toContain('CANARY');
  });
});

/** All rows of all stores, as a text. */
async function everyRow(name: string): Promise<string> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open(name));
  const names = [...database.objectStoreNames];
  const all = await Promise.all(
    names.map((store) => done(database.transaction(store).objectStore(store).getAll())),
  );
  database.close();
  const rows = all.flat();
  expect(rows.length).toBeGreaterThan(0);
  return JSON.stringify(rows);
}
