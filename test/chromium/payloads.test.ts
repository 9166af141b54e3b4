import { count, createQueue, defineJobs, drain, job, memoryStore, type Store } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { freshName } from './database.ts';

const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }) });

const stores: readonly (readonly [string, () => Store])[] = [
  ['memory', () => memoryStore()],
  ['IndexedDB', () => indexedDBStore(freshName())],
];

type Realm = Window & typeof globalThis;

/** What the code makes in a frame of this page. `gone`: the frame is removed before anybody looks at it. */
function inFrame(code: string, gone: boolean): unknown {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const made: unknown = (frame.contentWindow as Realm).eval(`(${code})`);
  if (gone) frame.remove();
  return made;
}

/** What a handler is given, read as far as it has to be: Blobs and Files as what they hold. */
async function shown(value: unknown): Promise<unknown> {
  if (value instanceof File) return ['File', value.name, value.type, value.lastModified, await value.text()];
  if (value instanceof Blob) return ['Blob', value.type, await value.text()];
  if (Array.isArray(value)) return Promise.all(value.map(shown));
  return value;
}

describe.each(stores)('a payload of this page, in the store %s,', (_, open) => {
  const queueOf = () => createQueue({ name: 'q', jobs, store: open() });

  async function handled(payload: unknown): Promise<unknown> {
    const queue = queueOf();
    let got: unknown;
    await queue.enqueue('push', payload);
    const { completed } = await drain(queue, {
      push: async (given) => {
        got = await shown(given);
      },
    });
    await queue.close();
    expect(completed).toBe(1);
    return got;
  }

  async function refusal(payload: unknown): Promise<string> {
    const queue = queueOf();
    const why = await queue.enqueue('push', payload).then(
      () => 'it was stored',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
    expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
    await queue.close();
    return why;
  }

  const framed: readonly (readonly [string, unknown])[] = [
    ['new Date(5)', new Date(5)],
    ['new Map([["k", new Set([new Date(5)])]])', new Map([['k', new Set([new Date(5)])]])],
    ['new Uint8Array([1, 2]).buffer', new Uint8Array([1, 2]).buffer],
    ['new Float64Array([0.5])', new Float64Array([0.5])],
    ['{ a: [1, { b: null }] }', { a: [1, { b: null }] }],
    ['new URLSearchParams("a=1&b=2").getAll("a")', ['1']],
    ['JSON.parse("[1]")', [1]],
  ];
  it.each(framed)('may be made by a frame: %s', async (code, value) => {
    expect(await handled(inFrame(code, false))).toStrictEqual(value);
  });
  it.each(framed)('may be made by a frame that is gone: %s', async (code, value) => {
    expect(await handled(inFrame(code, true))).toStrictEqual(value);
  });

  it('is refused for what it is, also when a frame has made it', async () => {
    expect(await refusal({ at: inFrame('new (class Note {})()', true) })).toContain('payload.at is a Note: ');
    expect(await refusal({ at: inFrame('document.body', false) })).toContain(
      'payload.at is a HTMLBodyElement: ',
    );
    expect(await refusal({ at: inFrame('window', false) })).toMatch(/^Payload: payload\.at (is a|cannot)/);
    expect(await refusal({ at: inFrame('window', true) })).toMatch(/^Payload: payload\.at (is a|cannot)/);
  });

  it.each<[string, () => unknown]>([
    ['FormData', () => new FormData()],
    ['Headers', () => new Headers()],
    ['Request', () => new Request('/')],
    ['Response', () => new Response('x')],
    ['ReadableStream', () => new Response('x').body],
    ['URL', () => new URL('https://example.org')],
    ['URLSearchParams', () => new URLSearchParams('a=1')],
    ['ImageData', () => new ImageData(1, 1)],
    ['DOMRect', () => document.body.getBoundingClientRect()],
    ['DOMException', () => new DOMException('no')],
    ['DOMStringMap', () => document.body.dataset],
    ['NodeList', () => document.querySelectorAll('*')],
    ['MessagePort', () => new MessageChannel().port1],
    ['BroadcastChannel', () => new BroadcastChannel('x')],
    ['AbortSignal', () => new AbortController().signal],
    ['Event', () => new Event('x')],
    ['CustomEvent', () => new CustomEvent('x', { detail: 1 })],
    ['FileReader', () => new FileReader()],
    ['Storage', () => localStorage],
    ['Promise', () => Promise.resolve(1)],
    ['Error', () => new Error('x')],
    ['Int8Array', () => new Proxy(new Int8Array(2), {})],
    ['Blob', () => new Proxy(new Blob(['x']), {})],
  ])('is refused if it is a %s, with its place', async (name, make) => {
    expect(await refusal({ list: [0, { it: make() }] })).toMatch(
      new RegExp(
        `^Payload: payload\\.list\\[1\\]\\.it (is an? ${name}: only plain objects|cannot be read: .)`,
      ),
    );
  });

  it('is refused if it is an image, a closed image or a key', async () => {
    const image = await createImageBitmap(new ImageData(2, 2));
    expect(await refusal({ image })).toContain('payload.image is an ImageBitmap: ');
    image.close();
    expect(await refusal({ image })).toContain('payload.image is an ImageBitmap: ');
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']);
    expect(await refusal({ key })).toContain('payload.key is a CryptoKey: ');
  });

  it('is refused if it is the list of files that a form holds', async () => {
    const chosen = new DataTransfer();
    chosen.items.add(new File(['x'], 'a.txt', { type: 'text/plain', lastModified: 7 }));
    expect(await refusal({ files: chosen.files })).toContain('payload.files is a FileList: ');
  });

  it('is refused if it calls itself undefined and is not', async () => {
    expect(await refusal({ all: document.all })).toContain('payload.all is a undefined: it cannot be stored');
  });

  it('is refused once its memory has gone to another thread', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    new MessageChannel().port1.postMessage(bytes, [bytes.buffer]);
    expect(await refusal({ bytes })).toMatch(/^Payload: payload\.bytes cannot be read: ./);
    expect(await refusal([bytes.buffer])).toMatch(/^Payload: payload\[0\] cannot be read: ./);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const view = new Uint8Array(memory.buffer, 0, 2);
    expect(await handled(view)).toStrictEqual(new Uint8Array(2));
    memory.grow(1);
    expect(await refusal({ view })).toMatch(/^Payload: payload\.view cannot be read: ./);
  });

  it('is refused if it is a Blob only in name, or more than a File', async () => {
    expect(await refusal(Object.create(Blob.prototype))).toMatch(/^Payload: payload cannot be read: ./);
    class Picture extends Blob {}
    expect(await refusal([new Picture(['x'])])).toContain('payload[0] is a Picture: ');
    const dropped = Object.assign(new File(['x'], 'a.txt'), { path: '/a.txt' });
    expect(await refusal({ dropped })).toContain(
      'payload.dropped.path was added to a File: it would be lost',
    );
    expect(await refusal(new Blob(['x'.repeat(9e6)]))).toContain('payload is larger than 8388608 bytes');
  });
});

describe('a Blob or File in the store memory', () => {
  it('of a frame, of a frame that is gone, empty or a part of another, is what it was', async () => {
    const queue = createQueue({ name: 'q', jobs, store: memoryStore() });
    const file = 'new File(["file"], "a.txt", { type: "text/plain", lastModified: 7 })';
    await queue.enqueue('push', [
      inFrame('new Blob(["blob"], { type: "text/plain" })', false),
      inFrame(file, false),
      new Blob([]),
      new Blob(['abcdef']).slice(1, 3),
    ]);
    let got: unknown;
    await drain(queue, {
      push: async (given) => {
        got = (await Promise.all((given as Blob[]).map((one) => one.text()))) satisfies string[];
      },
    });
    expect(got).toEqual(['blob', 'file', '', 'bc']);
  });
});
