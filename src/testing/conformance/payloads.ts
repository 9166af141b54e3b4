import { describe, expect, it } from 'vitest';
import type { ConformanceOptions } from './harness.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, retry, spec, T } from './spec.ts';

export function describePayloads(scene: Scene, options: ConformanceOptions): void {
  describe('payloads', () => {
    describeRoundTrip(scene);
    describeOddities(scene);
    describeDepth(scene);
    describeRefusals(scene);
    if (options.blobs === 'either') describeBlobsEither(scene);
    else if (options.blobs) describeBlobs(scene);
    else describeBlobsRefused(scene);
  });
}

const bytes = () => new Uint8Array([0, 1, 127, 128, 255]).buffer;

const samples: Readonly<Record<string, () => unknown>> = {
  null: () => null,
  undefined: () => undefined,
  'true and false': () => [true, false],
  'an empty string': () => '',
  numbers: () => [0, 1, -1, 0.1, 1e-300, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Number.MIN_VALUE],
  'NaN and the infinities': () => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  'negative zero': () => ({ zero: -0, list: [-0, 0] }),
  'plain objects and lists': () => ({ a: [1, 'two', { three: [null, []] }], '': {}, 'b c': { d: false } }),
  'a property that is undefined': () => ({ a: undefined, b: [undefined, 1], c: { d: undefined } }),
  'keys that look like numbers': () => ({ 10: 'ten', 9: 'nine', '-1': 'minus', '01': 'padded' }),
  'text of all planes': () => 'a\u0000\n"\\\u2028 é 漢 💾 \ufffe',
  'lone surrogates': () => ({ '\ud800': ['\udc00', 'a\ud83d', '\udcbeb'] }),
  dates: () => [new Date(T), new Date(0), new Date(-1), new Date(8.64e15)],
  'a date that is none': () => new Date(Number.NaN),
  'a date inside an object': () => ({ at: new Date(T), text: new Date(T).toISOString() }),
  maps: () =>
    new Map<unknown, unknown>([
      ['a', 1],
      [2, new Map([[new Date(T), []]])],
      [{ k: 1 }, undefined],
    ]),
  sets: () => new Set<unknown>([1, '1', Number.NaN, { a: 1 }, new Set([2n])]),
  'an empty map and an empty set': () => [new Map(), new Set()],
  bigints: () => [0n, -1n, 2n ** 64n, -(2n ** 200n)],
  'an array buffer': () => ({ raw: bytes(), empty: new ArrayBuffer(0) }),
  'a view of a part of a buffer': () => new Uint8Array(bytes(), 1, 3),
  'what looks like an encoding of it': () => ({
    $date: T,
    $type: 'Map',
    '@@': [],
    type: 'BigInt',
    value: '1',
  }),
  'nesting of all of it': () => [
    { m: new Map([['s', new Set([{ d: new Date(T), u: undefined, n: -0, b: 1n }])]]) },
  ],
  '100 KB of text': () => ({ text: 'abcdefghij'.repeat(10_000) }),
  '100 KB of bytes': () => ({ raw: new Uint8Array(100_000).fill(7) }),
};

const views = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

function describeRoundTrip(scene: Scene): void {
  async function roundTrip(sample: () => unknown) {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: sample() }));
    expect((await b.job('x')).payload).toStrictEqual(sample());
    const first = await b.claimOne(T);
    expect(first.job.payload).toStrictEqual(sample());
    await a.settle(T, first, retry(T));
    const second = await a.claimOne(T);
    expect(second.job.payload).toStrictEqual(sample());
    await b.settle(T, second, bury());
    expect((await a.list({ state: 'dead' })).jobs[0]?.payload).toStrictEqual(sample());
    await a.redrive(T, 'x');
    const third = await b.claimOne(T);
    expect(third.job.payload).toStrictEqual(sample());
    await a.settle(T, third, complete());
    expect((await b.count()).bytes).toBe(0);
  }

  for (const [what, sample] of Object.entries(samples))
    it(`gives back ${what}, through every turn of a job's life`, () => roundTrip(sample));

  for (const View of views)
    it(`gives back a ${View.name}`, () =>
      roundTrip(() => ({ view: View.from([0, 1, 127]), empty: new View(0) })));

  it('gives back a BigInt64Array and a BigUint64Array', () =>
    roundTrip(() => [new BigInt64Array([-(2n ** 63n), 0n]), new BigUint64Array([2n ** 64n - 1n])]));
}

function describeOddities(scene: Scene): void {
  for (const [what, json] of [
    ['plain', '{"__proto__":{"polluted":1},"a":{"__proto__":[]},"constructor":{"prototype":{"polluted":1}}}'],
    ['rich', '{"__proto__":{"polluted":1},"at":0}'],
  ] as const)
    it(`keeps an own key named __proto__ an own key (${what} payload)`, async () => {
      const { a, b } = scene;
      const payload = JSON.parse(json, (key, value) => (key === 'at' ? new Date(T) : value));
      await a.enqueue(T, spec('x', { payload }));
      for (const back of [(await b.job('x')).payload, (await b.claimOne(T)).job.payload]) {
        expect(Object.keys(back as object)).toEqual(Object.keys(payload));
        const own = Object.getOwnPropertyDescriptor(back, '__proto__')?.value;
        expect(own).toEqual({ polluted: 1 });
        expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
      }
      expect('polluted' in {}).toBe(false);
    });

  it('an object that is there twice is no cycle', async () => {
    const { a, b } = scene;
    const shared = { at: new Date(T) };
    await a.enqueue(
      T,
      spec('x', { payload: { one: shared, other: [shared] } }),
      spec('y', { payload: [[1], [1]] }),
    );
    const value = () => ({ at: new Date(T) });
    expect((await b.job('x')).payload).toEqual({ one: value(), other: [value()] });
  });
}

function describeDepth(scene: Scene): void {
  it('nesting 490 deep is kept', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x', { payload: nested(490) }),
      spec('y', { payload: [new Date(T), nested(480)] }),
    );
    let [depth, level] = [0, (await b.claimOne(T)).job.payload];
    for (; level !== 'bottom'; depth += 1) level = (level as { in: unknown[] }).in[0];
    expect(depth * 2).toBe(490);
    expect(await b.claimIds(T)).toEqual(['y']);
  });

  it('the payloads of a batch are not confused', async () => {
    const { a, b } = scene;
    const payloads = [
      { n: 1 },
      new Map([[1, 1]]),
      'a'.repeat(20_000),
      [new Date(T)],
      { n: 2 },
      'b'.repeat(20_000),
    ];
    await a.enqueue(T, ...payloads.map((payload, index) => spec(`${index}`, { payload })));
    expect((await b.claim(T)).map(({ job }) => job.payload)).toStrictEqual(payloads);
  });
}

/** Objects and lists in turn, `depth` of them, around a word. */
function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth / 2; level += 1) value = { in: [value] };
  return value;
}

class Point {
  readonly x = 1;
}

class Register extends Map {}

function cyclic(): unknown {
  const value: { list: unknown[] } = { list: [1] };
  value.list.push({ back: value });
  return value;
}

const refused: Readonly<Record<string, () => unknown>> = {
  'a function': () => () => 1,
  'a symbol': () => Symbol('s'),
  'an instance of a class': () => new Point(),
  'a cycle': cyclic,
  'an instance of a class that extends Map': () => new Register(),
  'a WeakMap': () => new WeakMap(),
  'a Promise': () => Promise.resolve(1),
  'an Error': () => new TypeError('no'),
  'a getter that throws': () => ({
    get trouble() {
      throw new RangeError('no value');
    },
  }),
  'nesting 510 deep': () => nested(510),
  'nesting 100,000 deep': () => nested(100_000),
};

function describeRefusals(scene: Scene): void {
  for (const [what, sample] of Object.entries(refused))
    it(`refuses ${what}, wherever it is, and stores nothing`, async () => {
      const { a, b } = scene;
      const code = 'Payload';
      await expect(a.enqueue(T, spec('x', { payload: sample() }))).rejects.toMatchObject({ code });
      const places = [
        { note: { deep: [1, sample()] } },
        new Map([['k', sample()]]),
        [new Date(T), new Set([sample()])],
      ];
      for (const payload of places)
        await expect(b.enqueue(T, spec('y', { payload }))).rejects.toMatchObject({ code });
      await expect(a.enqueue(T, spec('good'), spec('x', { payload: [sample()] }))).rejects.toMatchObject({
        code,
      });
      expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
      expect(await a.claimIds(T)).toEqual([]);
    });

  it('refuses a map whose key cannot be stored', async () => {
    const { a, b } = scene;
    const payload = new Map([[() => 1, 1]]);
    await expect(a.enqueue(T, spec('x', { payload }))).rejects.toMatchObject({ code: 'Payload' });
    expect(await b.count()).toMatchObject({ pending: 0 });
  });

  it('says where in the payload the trouble is', async () => {
    const { a, b } = scene;
    const message = /note\W+deep\W+1\b/;
    const payload = { fine: 1, note: { deep: [0, () => 1] } };
    await expect(a.enqueue(T, spec('x', { payload }))).rejects.toMatchObject({
      name: 'PayloadError',
      message,
    });
    const rich = { at: new Date(T), note: { deep: [0, new Point()] } };
    await expect(b.enqueue(T, spec('x', { payload: rich }))).rejects.toMatchObject({ message });
  });

  it('refuses a replacement as it refuses a job, and the job keeps its payload', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('x', { ...key, payload: 'first' }));
    const bad = spec('y', { ...key, payload: Symbol('no') });
    await expect(b.enqueue(T, bad)).rejects.toMatchObject({ code: 'Payload' });
    expect((await a.job('x')).payload).toBe('first');
  });
}

const blob = () => new Blob(['hello ', 'blob'], { type: 'text/plain' });
const file = () => new File(['hello file'], 'note.txt', { type: 'text/plain', lastModified: T });

function describeBlobs(scene: Scene): void {
  it('gives back a Blob and a File', async () => {
    await scene.a.enqueue(T, spec('x', { payload: { blob: blob(), list: [file()] } }));
    await expectBlobs(scene.b);
  });
}

async function expectBlobs(opening: Opening): Promise<void> {
  const payload = (await opening.claimOne(T)).job.payload as { blob: Blob; list: File[] };
  expect(payload.blob).toBeInstanceOf(Blob);
  expect(await payload.blob.text()).toBe('hello blob');
  expect(payload.blob.type).toBe('text/plain');
  const [back] = payload.list;
  expect(back).toBeInstanceOf(File);
  expect(await back?.text()).toBe('hello file');
  expect(back).toMatchObject({ name: 'note.txt', type: 'text/plain', lastModified: T });
}

function describeBlobsEither(scene: Scene): void {
  it('stores a Blob and a File and gives them back, or refuses them and stores nothing', async () => {
    const { a, b } = scene;
    const payload = { blob: blob(), list: [file()] };
    const refusal = await a.enqueue(T, spec('x', { payload })).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) {
      await expectBlobs(b);
      return;
    }
    expect(refusal).toMatchObject({ code: 'Payload', message: /^payload\.blob\W/ });
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
    expect((await b.list({ state: 'pending' })).jobs).toEqual([]);
  });
}

function describeBlobsRefused(scene: Scene): void {
  it('refuses a Blob and a File, and stores nothing', async () => {
    const { a, b } = scene;
    for (const payload of [blob(), { list: [file()] }])
      await expect(a.enqueue(T, spec('x', { payload }))).rejects.toMatchObject({ code: 'Payload' });
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
  });
}
