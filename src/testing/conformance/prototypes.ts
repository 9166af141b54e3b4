import { describe, expect, it } from 'vitest';
import type { Job } from '../../core/kernel/job.ts';
import type { Scene } from './scene.ts';
import { list as listSchedules, put } from './schedule-scene.ts';
import { bury, complete, failure, retry, spec, T } from './spec.ts';

/** Libraries add to the prototypes of all lists, objects or dates of a page: what is stored stays what was given. */
export function describePrototypes(scene: Scene): void {
  describe('a page whose libraries add to built-in prototypes', () => {
    describeToJson(scene);
    describeSetters(scene);
  });
}

/** What a job of these tests is known by: nothing else in this realm is changed meanwhile. */
const MARK = 'of this test';

/** As Prototype.js 1.6 has it, whose lists become texts. */
function toJSON(this: unknown): unknown {
  const texts = Object.entries(Object(this)).flat();
  return texts.some((text) => typeof text === 'string' && text.includes(MARK)) ? 'a text' : this;
}

/** When it resolves all is as it was: what it comes to can be compared in peace. */
async function adorned<T>(
  prototypes: readonly object[],
  key: string,
  property: PropertyDescriptor,
  run: () => Promise<T>,
): Promise<T> {
  const before = prototypes.map((prototype) => Object.getOwnPropertyDescriptor(prototype, key));
  for (const prototype of prototypes) Object.defineProperty(prototype, key, property);
  try {
    return await run();
  } finally {
    for (const [i, prototype] of prototypes.entries()) {
      Reflect.deleteProperty(prototype, key);
      const own = before[i];
      if (own !== undefined) Object.defineProperty(prototype, key, own);
    }
  }
}

const adornments: Readonly<Record<string, readonly object[]>> = {
  lists: [Array.prototype],
  objects: [Object.prototype],
  'dates and texts': [Date.prototype, String.prototype],
  everything: [
    Object.prototype,
    Array.prototype,
    String.prototype,
    Number.prototype,
    Boolean.prototype,
    Date.prototype,
    BigInt.prototype,
    Map.prototype,
  ],
};

const plain = () => ({ to: [MARK, ['b', MARK]], toJSON: { note: MARK }, at: null });
const rich = () => ({ at: new Date(T), to: [MARK, [1n]], by: new Map([[MARK, [MARK]]]), u: undefined });

function describeToJson(scene: Scene): void {
  for (const [what, prototypes] of Object.entries(adornments))
    for (const [kind, payload] of Object.entries({ plain, rich }))
      it(`whose ${what} have a toJSON: a job comes back as it was given, through every turn of its life (${kind} payload)`, async () => {
        const property = { value: toJSON, configurable: true, writable: true };
        const turns = await adorned(prototypes, 'toJSON', property, () => live(scene, payload()));
        for (const [turn, job] of Object.entries(turns))
          expect([turn, job]).toEqual([turn, expect.objectContaining({ ...facts(), payload: payload() })]);
        expect(turns.waiting?.errors).toEqual([error()]);
        expect(turns.dead).toMatchObject({ errors: [error(), error()], checkpoint: payload() });
        expect(await scene.b.count()).toMatchObject({ pending: 0, completed: 1, bytes: 0 });
      });

  it('whose lists have a toJSON: schedules keep their payload, and a change of one is noticed', async () => {
    const { a, b } = scene;
    const property = { value: toJSON, configurable: true, writable: true };
    const job = { payload: [MARK], tags: [MARK] };
    const changed = await adorned([Array.prototype, Object.prototype], 'toJSON', property, async () => {
      await put(a, T, MARK, { job });
      return await put(b, T, MARK, { job: { ...job, tags: [MARK, MARK] } });
    });
    expect(changed).toMatchObject({ changed: true });
    expect(await listSchedules(a)).toMatchObject([{ id: MARK, payload: [MARK] }]);
  });
}

const facts = () => ({ lane: MARK, tags: [MARK, 'b'], headers: { [MARK]: MARK } });
const error = () => failure({ message: MARK });

/** The job at each turn, read by another opening than the one that wrote. */
async function live({ a, b }: Scene, payload: unknown): Promise<Readonly<Record<string, Job>>> {
  const id = `job ${MARK}`;
  await a.enqueue(T, spec(id, { ...facts(), payload, idempotencyKey: MARK }));
  const fresh = await b.job(id);
  const first = await b.claimOne(T);
  await b.extend(T, [first], { checkpoint: payload });
  await b.settle(T, first, retry(T, error()));
  const waiting = await a.job(id);
  const second = await a.claimOne(T);
  await a.settle(T, second, bury(error()));
  const [dead] = (await b.list({ state: 'dead' })).jobs;
  await b.redrive(T, id);
  const third = await a.claimOne(T);
  await a.settle(T, third, complete());
  return { fresh, claimed: first.job, waiting, again: second.job, dead: dead as Job, redriven: third.job };
}

function describeSetters(scene: Scene): void {
  it('with a property that objects inherit: a payload with this key is stored with it, or refused with its place', async () => {
    const { a, b } = scene;
    const enqueue = () =>
      a.enqueue(T, spec('x', { payload: { list: [{ 'of holdfast': 1, n: 2 }] } })).then(
        () => 'stored',
        (thrown: unknown) => thrown,
      );
    const accessors = { get: () => undefined, set: () => undefined, configurable: true };
    const withSetter = await adorned([Object.prototype], 'of holdfast', accessors, enqueue);
    const place = expect.stringMatching(/^payload\.list\[0\]\.of holdfast /);
    expect(withSetter).toMatchObject({ code: 'Payload', message: place });
    const fixed = { value: 0, writable: false, configurable: true };
    const withFixed = await adorned([Object.prototype], 'of holdfast', fixed, enqueue);
    expect(withFixed).toMatchObject({ code: 'Payload', message: place });
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
    const usual = { value: 0, writable: true, configurable: true };
    expect(await adorned([Object.prototype], 'of holdfast', usual, enqueue)).toBe('stored');
    expect((await b.job('x')).payload).toEqual({ list: [{ 'of holdfast': 1, n: 2 }] });
  });
}
